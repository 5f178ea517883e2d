// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <string>

#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/store/sqlite_store.hpp"

#include "commands.hpp"
#include "complain.hpp"
#include "data_dir.hpp"
#include "master_key_file.hpp"
#include "system.hpp"

namespace strata::cloud {
namespace {}  // namespace

int RotateMasterKey(const MasterKeyOptions& options) {
  const std::string dir = AbsolutePath(options.data);
  std::string page_key;
  if (dir.empty() || !ReadWhole(dir + "/page.key", page_key)) {
    return ComplainNoCloud(options.data);
  }
  DirLock lock;
  if (!lock.Take(dir)) {
    return Complain(Code::kAlreadyExists,
                    dir + " is in use by another strata-cloud; stop it first");
  }
  auto store = OpenSqliteStore({.path = dir + "/strata.db"});
  if (!store.ok()) {
    return Complain(store.error());
  }
  const std::string path = MasterKeyPath(dir, options.master_key);
  auto keys = OpenMasterKeys(path, **store);
  if (!keys.ok()) {
    return Complain(keys.error());
  }
  const bool begun = (*keys)->ids().size() > 1;
  if (!begun) {
    auto rotated = (*keys)->Rotated();
    if (!rotated.ok() || !WriteMasterKeys(path, **rotated)) {
      return Complain(Code::kIo, "can't write the master key to " + path + "; nothing was changed");
    }
    *keys = std::move(rotated).value();
  }
  SystemClock clock;
  Service service({.store = store->get(), .clock = &clock, .sealer = keys->get()}, {});
  const auto sealed = service.As(LocalOrigin()).ResealSecrets();
  if (!sealed.ok()) {
    ApiError error = sealed.error();
    error.message += "; run the same command again, nothing is lost";
    return Complain(error);
  }
  if (!WriteMasterKeys(path, *(*keys)->NewestOnly())) {
    return Complain(Code::kIo,
                    "can't drop the old key from " + path + "; run the same command again");
  }
  std::printf("%s master key %s, %llu secrets sealed anew; back up %s\n",
              begun ? "finished the rotation to" : "made",
              (*keys)->newest_key_id().c_str(),
              static_cast<unsigned long long>(*sealed),
              path.c_str());
  return 0;
}

}  // namespace strata::cloud
