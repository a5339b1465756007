"""The profiles that come with Parley, one TOML file each."""
