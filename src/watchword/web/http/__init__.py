"""What the doors share: actor, cookies, forms, cross-origin rule, headers, error texts."""
