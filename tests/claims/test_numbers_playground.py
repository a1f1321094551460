"""Numbers in the playground's page: the limits of what the page understands, as its translator has them."""


def test_playground_limits(root):
    """Whole numbers up to 2^53, and texts of 3,000 characters."""
    edit = root / "code" / "descent" / "figures" / "front" / "edit"
    assert "const LARGEST_WHOLE = 2 ** 53;" in (edit / "constants.js").read_text(encoding="utf8")
    assert f"export const LONGEST_TEXT = {3_000};" in (edit / "syntax.js").read_text(encoding="utf8")
    assert 2**53 == 9007199254740992
