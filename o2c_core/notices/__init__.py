"""What the law adds to a late debt, and the formal letters that say so: off until a seller turns them on."""
