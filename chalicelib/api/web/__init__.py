"""HTTP for every route: declaration, parsing, answers, caching, the OpenAPI document."""
