"""Ladders as files and versions: how one is written down, checked, told in words, and which one holds for whom."""
