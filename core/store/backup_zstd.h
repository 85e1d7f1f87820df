/* zstd, opened at its first use so that a start does not load it. Not for others than the backup. */
#ifndef FC_STORE_BACKUP_ZSTD_H
#define FC_STORE_BACKUP_ZSTD_H
#include "base/err.h"
#include <zstd.h>

typedef struct fc_zstd {
    ZSTD_CCtx *(*new_writer)(void);
    size_t (*free_writer)(ZSTD_CCtx *);
    size_t (*set)(ZSTD_CCtx *, ZSTD_cParameter, int);
    size_t (*write)(ZSTD_CCtx *, ZSTD_outBuffer *, ZSTD_inBuffer *, ZSTD_EndDirective);
    ZSTD_DCtx *(*new_reader)(void);
    size_t (*free_reader)(ZSTD_DCtx *);
    size_t (*read)(ZSTD_DCtx *, ZSTD_outBuffer *, ZSTD_inBuffer *);
    unsigned (*is_error)(size_t);
    const char *(*error_name)(size_t);
} fc_zstd;

/* NULL: the library is not there, err names the package. */
const fc_zstd *fc_zstd_library(fc_err *err);
#endif
