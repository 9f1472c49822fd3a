"""What the interfaces share: actor, cookies, forms, cross-origin rule, headers, error texts."""
