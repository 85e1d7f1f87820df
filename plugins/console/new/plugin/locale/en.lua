return {
  title = "Notes",
  words = "Words",
  keep = "Keep",
  none = "There are no notes yet.",
}
