"""Finetuning recipes: what is mixed, how it is tokenised and weighted, and the run itself."""
