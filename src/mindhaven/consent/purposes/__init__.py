"""The purposes that a person is asked about: data. See docs/reference/choices.md."""
