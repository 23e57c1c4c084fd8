"""`make bench`: cold start, size and CPU of the packaged bundle beside the yardsticks.

Fresh processes, interleaved so that a busy machine is unfair to all alike; medians. Trust the
ratios, not the milliseconds.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections.abc import Mapping
from typing import Final

from bench import peers
from bench.peers import Peer

STARTS: Final = 15
CALLS: Final = 300
ROUNDS: Final = 5
"""Of a hundred rooms each."""

ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "AWS_EC2_METADATA_DISABLED": "true",
    "STAGE": "local",  # where the demo accounts may sign in
    "SIGNING_KEYS": "k1:0123456789abcdef0123456789abcdef",
    "MAIL_FROM": "berth@example.com",
    "BASE_URL": "https://berth.example.com",
    "TABLE_BOOKINGS": "berth-bench-bookings",
    "LIMITS_FACTOR": "10000",
    "LOG_LEVEL": "ERROR",
}

Figures = Mapping[str, float]


def measure(found: tuple[Peer, ...], calls: int = CALLS) -> dict[Peer, list[Figures]]:
    """Each peer started STARTS times, in turn."""
    runs: dict[Peer, list[Figures]] = {peer: [] for peer in found}
    for _ in range(STARTS):
        for peer in found:
            runs[peer].append(_once(peer, calls))
    return runs


def _once(peer: Peer, calls: int) -> Figures:
    command = peers.command(peer, calls)
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{peer.name}: {done.stdout}{done.stderr}")
    figures: Figures = json.loads(done.stdout)
    return figures


def table(runs: Mapping[Peer, list[Figures]]) -> str:
    """The figures as Markdown; ratios are to the first and, for CPU, to the second peer."""
    plain, bare = (_summary(runs[peer]) for peer in list(runs)[:2])
    lines = [
        "| | import ms | first 201 ms | both | × plain | peak MiB | zip MB | warm µs | × bare |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for peer, figures in runs.items():
        own = _summary(figures)
        lines.append(
            f"| {peer.name} | {own['import']:.0f} | {own['first']:.0f} | {own['both']:.0f} "
            f"| {own['both'] / plain['both']:.2f} | {own['mb']:.0f} | {peer.zipped / 1e6:.2f} "
            f"| {own['cpu']:.0f} | {own['cpu'] / bare['cpu']:.2f} |"
        )
    return "\n".join(lines)


def table_of_rooms(runs: Mapping[Peer, list[Figures]]) -> str:
    """The CPU of warm check-outs as Markdown; ratios are to the first peer. What the embedded
    engine takes besides was measured once."""
    singly = _summary(next(iter(runs.values())))["cpu"]
    lines = [
        "| | requests | to DynamoDB | CPU ms | × one by one | with the embedded engine, ms |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for peer, figures in runs.items():
        warm, cpu = json.loads(peer.recorded.read_text())["warm"], _summary(figures)["cpu"]
        lines.append(
            f"| {peer.name} | {len(warm['events'])} | {len(warm['replies'])} "
            f"| {cpu / 1000:.0f} | {cpu / singly:.2f} | {warm['cpu']:.0f} |"
        )
    return "\n".join(lines)


def _summary(figures: list[Figures]) -> Figures:
    both = [{**run, "both": run["import"] + run["first"]} for run in figures]
    return {name: statistics.median(run[name] for run in both) for name in both[0]}


def main() -> None:
    """Build, measure, print."""
    os.environ.update(ENVIRONMENT)
    found = peers.build()
    print(f"one booking, medians of {STARTS} fresh processes, then of {CALLS} warm calls each")
    print(table(measure(found)))
    print(f"\nrooms checked out, medians of as many, then of {ROUNDS} warm rounds each: the CPU of")
    print("all requests, with the recorded replies of DynamoDB in place of the network")
    print(table_of_rooms(measure(peers.of_rooms(found[-1]), ROUNDS)))


if __name__ == "__main__":
    main()
