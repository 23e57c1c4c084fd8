#!/usr/bin/env bash
# `make deploy STAGE=dev BUCKET=... MAIL_FROM=...`: hands build/$STAGE/ to CloudFormation.
# Needs the AWS CLI with credentials and an S3 bucket for the bundle, in the region of the stack.
# BASE_URL defaults to the API's own address, which is known only after the first deployment: the
# first time it is therefore deployed twice. CORS_ORIGINS and ALARM_EMAIL may be left out.
set -euo pipefail
cd "$(dirname "$0")/.."

: "${STAGE:?say STAGE=dev or STAGE=prod}"
: "${BUCKET:?say BUCKET=<an S3 bucket for the bundle>}"
: "${MAIL_FROM:?say MAIL_FROM=<the address mails come from, verified in SES>}"
command -v aws >/dev/null || { echo "the AWS CLI is not installed" >&2; exit 1; }

stack="berth-$STAGE"
packaged="build/$STAGE/deploy.json"

endpoint() {
  aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query 'Stacks[0].Outputs[?OutputKey==`EndpointURL`].OutputValue' 2>/dev/null || true
}

deploy() {
  aws cloudformation deploy --stack-name "$stack" --template-file "$packaged" \
    --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
    --parameter-overrides "MailFrom=$MAIL_FROM" "BaseUrl=$1" \
    "CorsOrigins=${CORS_ORIGINS:-}" "AlarmEmail=${ALARM_EMAIL:-}"
}

aws cloudformation package --template-file "build/$STAGE/sam.json" --use-json \
  --s3-bucket "$BUCKET" --s3-prefix "berth/$STAGE" --output-template-file "$packaged" >/dev/null

base=${BASE_URL:-$(endpoint)}
deploy "${base:-https://not-known-yet.invalid}"
[ -n "$base" ] || deploy "$(endpoint)"
echo "$stack is at $(endpoint)"
