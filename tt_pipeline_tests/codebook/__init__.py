"""Tests of the codebook's rows and of what follows from them."""
