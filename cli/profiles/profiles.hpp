// SPDX-License-Identifier: Apache-2.0
/// strata profiles list|use|remove: which clouds and accounts this person is signed in to.
/// Role: files on this machine; asks no cloud. Profiles are made by strata login.
#pragma once

#include <string>

#include "support/verb.hpp"

namespace strata::cli {

struct ProfileOptions {
  std::string name;
};

/// list: name, account and cloud of each profile, and which is active; never a token. A profile
/// that can't be read is shown without account, and a warning says why. * as ProfileStore.
Outcome RunListProfiles(const ProfileOptions& options, Session& session);

/// use: later commands without -p take this one. * kNotFound: no such profile. * as ProfileStore.
Outcome RunUseProfile(const ProfileOptions& options, Session& session);

/// remove: forgets the profile and its token; its signing key stays. * kNotFound. * as
/// ProfileStore.
Outcome RunRemoveProfile(const ProfileOptions& options, Session& session);

void AddListProfiles(CLI::App& noun, Session& session);
void AddUseProfile(CLI::App& noun, Session& session);
void AddRemoveProfile(CLI::App& noun, Session& session);

inline void AddProfiles(CLI::App& noun, Session& session) {
  AddListProfiles(noun, session);
  AddUseProfile(noun, session);
  AddRemoveProfile(noun, session);
}

}  // namespace strata::cli
