return {
  -- frame
  skip_to_content = "Skip to content", menu = "Menu", search = "Search", search_hint = "Plate, last four digits, name, order", user_menu = "Account",
  sign_out = "Sign out", close = "Close",
  broken_banner = "The new version of {names} has errors and is not in force; the former one goes on.", broken_link = "See the errors",
  insecure_banner = "This connection is plain HTTP: passwords and customer data can be read on the network. Ask IT to set up HTTPS, or use it on this machine only.",
  -- door
  door_subtitle = "Customer relations for car dealers", sign_in_title = "Sign in", sign_in = "Sign in", login = "Login", password = "Password",
  door_help = "Forgot the password? Your IT person can set a new one.",
  session_title = "Your session has ended", session_text = "What you entered is still in this page. Sign in again and it goes out by itself.", session_go_on = "Sign in and go on",
  -- errors
  error_back = "Back", error_home = "Home",
  -- keys
  keys_title = "Keys", keys_everywhere = "Everywhere", keys_call = "During a call",
  key_search = "search", key_help = "show the keys", key_rows = "next / previous row", key_open = "open the marked row", key_home = "to My day",
  key_calls = "to the calls", key_forms = "to the tracking forms", key_close = "close a dialog, leave a field",
  key_answer = "answer by position", key_next = "next question (then: next call) / question before", key_reason = "write the reason or the text", key_undo = "undo the last result", key_later = "another time", key_complaint = "the customer complains", key_result = "not finished: then a digit for the result",
  keys_note = "Keys are off while an input method composes.",
  -- home
  hello = "{greeting}, {name}", month_title = "This month so far", month_report = "Month's report", month_due = "Due", month_done = "Done",
  month_reached = "Reached", month_forms = "Tracking forms", month_chart = "Calls due and done by day of this month",
  month_none = "No call was due this month yet", month_none_next = "After an import, customers stand in the list three days after settlement and pick-up.",
  steps_title = "Coming up", steps_none = "Nothing is set for a time", steps_none_next = "Promised calls, second calls and what is to be answered or checked stand here by the clock.",
  overdue = "overdue",
  -- plugins
  plugins_title = "Plugins", plugins_about = "The {n} sets of rules and functions in force. A saved file is checked at once and comes into force only without errors.",
  plugins_all_well = "All plugins are well.", plugin_broken = "Plugin {name} has errors", plugin_old_goes_on = "The files have the errors below; the new content is not in force and the former version goes on. Mend and save them, no restart is needed.",
  col_plugin = "Plugin", col_version = "Version", col_state = "State", col_from = "From", col_since = "In force since", col_hash = "Fingerprint",
  pack_waits = "The update {version} asks for more and waits for a person: forecourt pack accept",
  state_live = "in force", state_broken = "errors",
  plugin_held = "The content {hash} was taken back ({who}, {at}) and does not come into force until it is changed.",
  plugin_staged = "Version {version} of the plugin {name} waits for its own tests (since {since}); once they pass it comes into force, until then the one before goes on.",
  plugin_history = "Versions that were in force", plugin_now = "now", plugin_rollback = "Back to the one before", plugin_disable = "Switch off", plugin_enable = "Switch on", plugin_let_in = "Let what was taken back in again", plugin_take = "Take this one",
  plugin_changes = "What changed", plugin_calls = "{calls}, {failures} failed", plugin_from_to = "What changed from {from} to {to}", plugin_same = "Both versions have the same content.",
  plugin_cut = "There are too many changes to show all of them here.", col_by = "By", col_until = "Until", col_calls = "Calls",
  safe_banner = "Safe mode: nothing but the console runs, no other plugin is in force and no script starts. When it is mended, start again without --safe.",
  amended_title = "Changes to other plugins' definitions", amended_what = "Definition", amended_by = "Changed by", amended_path = "Where", amended_from = "Was", amended_to = "Is",
  acts_title = "What was done with plugins and packs", acts_about = "Who installed, agreed to or removed what, and whose key was trusted. The latest 200.", acts_none = "There is nothing yet.", acts_link = "What was done",
  acts_when = "When", acts_who = "Who", acts_what = "What", acts_subject = "Plugin or key", acts_key = "Signed by", acts_asks = "Agreed to", acts_unsigned = "not signed", acts_fresh = "new",
  -- settings
  settings_about = "What you save is in force at once. A value written in site.lua stands above it and cannot be changed here.", settings_none = "This plugin has no settings.",
  settings_saved = "Saved and in force.", settings_save = "Save", settings_reset = "Back to the default", settings_default = "default {value}",
  settings_list = "One a line.", settings_map = "One a line, written: name = value", settings_by_site = "Fixed in site.lua; change it there.",
  settings_data = "This one is a table and is set in site.lua only.", settings_link = "Settings",
  -- scripts
  scripts_title = "Scripts", scripts_about = "Work that you start by hand, such as imports and lists.", scripts_none = "There is no script you may start",
  scripts_none_next = "Ask your supervisor to run it, or IT for the right to.", col_script = "Script", col_progress = "Progress", col_started_by = "By", col_started = "Started", col_ended = "Ended",
  jobs_recent = "Recent runs", jobs_none = "Nothing has run yet", jobs_none_next = "Choose a script above.",
  script_no_params = "This script needs no input.", script_start = "Start", script_may_not = "You may not start this script",
  job_started = "Started by {who},", job_cancel = "Cancel", job_cancelled = "This run was cancelled; what it had finished stays.", job_failed_unknown = "The run broke off without a word. Please tell IT.",
  job_ended = "Ended", job_again = "Run it again",
  job_details = "{n} lines of detail", job_details_cut = "The rest is not shown here; the command line prints all of it.",
  -- me
  me_title = "My account", me_who = "Account", me_name = "Name", me_roles = "Roles", me_language = "Language", me_password = "Change the password",
  password_old = "Present password", password_new = "New password", password_again = "New password again", password_hint = "At least 10 characters. All devices have to sign in again afterwards.",
  password_change = "Change the password", password_changed = "The password is changed; sign in with the new one.",
}
