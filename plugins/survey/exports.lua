-- What other plugins may ask of questionnaires.
local sheets = require "survey.sheets"

return {
  start = sheets.start,
  renew = sheets.renew,
  sheet = sheets.sheet,
  answer = sheets.answer,
  clear = sheets.clear,
  outcome = sheets.outcome,
  close = sheets.close,
  reopen = sheets.reopen,
}
