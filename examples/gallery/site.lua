-- The gallery: one idea a plugin. `forecourt check --site examples/gallery` and `forecourt test --site examples/gallery` run all of it.
return {
  name = { zh = "示例集", en = "Gallery" },
  dealerships = { { id = "gallery", name = { zh = "示例店", en = "Example dealership" } } },
  packs = { "changan" },
  settings = { complaint = { severity = "electric" } },
}
