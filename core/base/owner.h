/* Root at work in a folder that is somebody else's (sudo forecourt pack install): he acts as its owner, so
 * that what he makes there is the owner's whatever the umask, and a link that the owner laid leads root
 * nowhere. */
#ifndef FC_BASE_OWNER_H
#define FC_BASE_OWNER_H

/* From here on the process touches files as the owner of `folder`. Nothing where it is not root, or the
 * folder is root's. Not nested; for a process of one thread. */
void fc_owner_begin(const char *folder);
void fc_owner_end(void);
/* As SQLite does for its own files: what the superuser makes belongs to whom `path` belongs. */
void fc_same_owner(int fd, const char *path);
#endif
