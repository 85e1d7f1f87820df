/* Not for others than the reader of a backup. */
#ifndef FC_STORE_BACKUP_READ_H
#define FC_STORE_BACKUP_READ_H
#include "store/backup_file.h"
#include <sodium.h>

/* text has room for n + 1; *len = where the sealed part begins. */
int fc_fcb_parse_text(const char *path, char *text, size_t n, size_t *len, fc_fcb_head *head, fc_err *err);

/* backup_frames.c: the sealed part, frame by frame. */
typedef struct fc_frames {
    int fd, cut, last, count;
    const char *path; /* the caller's */
    int64_t at, end, size;
    size_t text_len;
    char text[FCB_TEXT_MAX + 1];
    unsigned char *sealed, *plain; /* owned */
    size_t n;                      /* in plain */
    crypto_secretstream_xchacha20poly1305_state seal;
    crypto_generichash_state hash;
} fc_frames;

int fc_frames_open(fc_frames *f, const char *path, fc_fcb_head *head, fc_err *err);
int fc_frames_key(fc_frames *f, const fc_fcb_head *head, const unsigned char *master, fc_err *err);
/* The next frame; place() says what is hit where it does not open. */
int fc_frames_next(fc_frames *f, const char *place[2], fc_err *err);
/* Nothing may follow the last frame but the right end. */
int fc_frames_end(fc_frames *f, fc_err *err);
void fc_frames_close(fc_frames *f);
#endif
