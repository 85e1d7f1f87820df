-- Why a plugin is switched off, where the host did it: a sentence in each language, as JSON; '' by hand.

ALTER TABLE host_plugin_off ADD COLUMN why TEXT NOT NULL DEFAULT '';
