// SPDX-License-Identifier: Apache-2.0
/// A checksum at the end of each page of a database file, so that a page is served as it was
/// written or not at all. Role: a SQLite VFS over the system's own; the database's file goes
/// through it, all others (write-ahead log, temporary files) do not. Reading a page whose sum is
/// wrong is SQLITE_CORRUPT. A page without a sum (zeros) is taken as it is: another program's
/// SQLite, which knows of no sums, may have brought it over from the write-ahead log.
/// Reference: docs/spec/storage.md "Database".
#pragma once

struct sqlite3;

namespace strata::cloud {

/// For sqlite3_open_v2(); thread-safe. Null: SQLite has no file system here.
const char* PageSumsVfs();

/// What is made on this connection from here on, an empty database or by VACUUM, has pages with
/// sums.
void WantPageSums(sqlite3* connection);

/// Whether the pages of its file have sums. It reads with the connection's own descriptor: closing
/// another one would end every lock that this process holds on the file.
bool HasPageSums(sqlite3* connection);

}  // namespace strata::cloud
