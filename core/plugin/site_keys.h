/* The keys of a site's dealerships: data/ID.keys.db, opened before any other file of the site is written. */
#ifndef FC_PLUGIN_SITE_KEYS_H
#define FC_PLUGIN_SITE_KEYS_H
#include "plugin/site.h"

/* Fills the vault of every dealership. Where no dealership has keys yet, the master key is made, too; a lost
 * one is never replaced silently: what it sealed would never open again. */
int fc_site_keys(fc_site *s, enum fc_site_mode mode, fc_err *err);
/* What has to wait for the store: erased persons stay erased whatever keys.db was restored. */
int fc_site_keys_settle(fc_dealership *d, fc_err *err);

/* In a child that serve started: the next fc_site_keys reads the keys from this descriptor. */
void fc_site_keys_inherit(int fd);
/* In serve: a descriptor with the keys of all dealerships, for a child. The caller closes it. */
int fc_site_keys_hand(fc_site *s, int *fd, fc_err *err);

/* Path of a dealership's keys.db and of the folder of its schema. */
void fc_site_keys_path(const fc_site *s, const char *dealership, char *path, size_t cap);
void fc_site_keys_schema(const fc_site *s, char *path, size_t cap);
#endif
