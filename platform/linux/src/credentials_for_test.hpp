// SPDX-License-Identifier: Apache-2.0
/// Keys and certificates made at run time with the openssl program. Tests only.
#pragma once

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "temp_dir.hpp"

namespace strata::device {

/// Runs `openssl ARGUMENTS` in `dir`; files it makes are private.
inline void OpenSsl(const TempDir& dir, const std::string& arguments) {
  const std::string command =
      "cd " + dir.path().string() + " && umask 077 && openssl " + arguments + " 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0) << arguments;
}

/// NAME.pem: a P-256 private key (PKCS#8); NAME.pub: its public half.
inline void MakeKey(const TempDir& dir, const std::string& name) {
  OpenSsl(dir, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + name + ".pem");
  OpenSsl(dir, "pkey -in " + name + ".pem -pubout -out " + name + ".pub");
}

/// NAME.pem and NAME.crt, its own authority.
inline void MakeAuthority(const TempDir& dir, const std::string& name) {
  MakeKey(dir, name);
  OpenSsl(dir,
          "req -x509 -new -key " + name + ".pem -subj /CN=authority -days 2 -out " + name + ".crt");
}

/// NAME.pem and NAME.crt, signed by `authority`, for 127.0.0.1 or another `address`.
inline void MakeCertificate(const TempDir& dir,
                            const std::string& name,
                            const std::string& authority,
                            const std::string& address = "127.0.0.1",
                            const std::string& validity = "-days 1") {
  MakeKey(dir, name);
  OpenSsl(dir, "req -new -key " + name + ".pem -subj /CN=" + name + " -out " + name + ".csr");
  dir.Write(name + ".ext", "subjectAltName=IP:" + address + "\n");
  OpenSsl(dir,
          "x509 -req -in " + name + ".csr -CA " + authority + ".crt -CAkey " + authority +
              ".pem -CAcreateserial " + validity + " -extfile " + name + ".ext -out " + name +
              ".crt");
}

}  // namespace strata::device
