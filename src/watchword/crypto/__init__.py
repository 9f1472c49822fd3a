"""Cryptography: thin wrappers around Argon2id, AES-GCM, HMAC and the local CA."""
