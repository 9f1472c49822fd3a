"""Parts that the console and the API share: requests, cookies, forms, headers, error texts."""
