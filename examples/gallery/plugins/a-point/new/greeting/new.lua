return { zh = "一条问候语（示例集的扩展点）", en = "a greeting (a point of the gallery)" }
