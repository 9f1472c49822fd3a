"""Names that the peers, with another Python, share with the benchmark."""

ALICE = "alice"
TOKEN = "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b"
TOKEN_HEADER = f"Authorization: Token {TOKEN}"
