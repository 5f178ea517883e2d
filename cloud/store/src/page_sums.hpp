// SPDX-License-Identifier: Apache-2.0
/// A checksum at the end of each page of a database file, so that a page is served as it was
/// written or not at all. Role: a SQLite VFS over the system's own; the database's file goes
/// through it, all others (write-ahead log, temporary files) do not. Reading a page whose sum is
/// wrong, or a page that ends with the file before it is whole, is SQLITE_CORRUPT. A page without a
/// sum (zeros) is taken as it is until RequirePageSums(): another program's SQLite, which knows of
/// no sums, may have rewritten it or brought it over from the write-ahead log. Reference:
/// docs/spec/storage.md "Database".
#pragma once

struct sqlite3;

namespace strata::cloud {

/// For sqlite3_open_v2(); thread-safe. Null: SQLite has no file system here.
const char* PageSumsVfs();

/// What is made on this connection from here on, an empty database or by VACUUM, has pages with
/// sums.
void WantPageSums(sqlite3* connection);

/// From here on a page without a sum is SQLITE_CORRUPT on this connection. For a file of which
/// LookForPageSums() said kAll, and which only programs that write sums have open.
void RequirePageSums(sqlite3* connection);

enum class SummedPages {
  kNone,  ///< the file was not made for them, or can't be read
  kSome,  ///< it was, and pages that hold something have none
  kAll,
};

/// Looks at the end of each page of the file, with the connection's own descriptor: closing another
/// one would end every lock that this process holds on the file. Whether the sums are right,
/// reading the pages tells.
SummedPages LookForPageSums(sqlite3* connection);

}  // namespace strata::cloud
