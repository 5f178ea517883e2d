// SPDX-License-Identifier: Apache-2.0
/// How a verb gets onto the command line: Options, Add… (arguments → Options), Run… (Options →
/// work).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "support/session.hpp"

namespace strata::cli {

/// A verb below `noun`, with the options that every verb has and `example` at the end of its help.
CLI::App& AddVerb(CLI::App& noun,
                  Session& session,
                  const std::string& name,
                  const std::string& description,
                  const std::string& example);

/// Options of lists: --limit, --no-limit, --page-size, --page, --page-token.
void AddListOptions(CLI::App& verb, ListRequest& request);

/// For options that are lengths of time in whole seconds, from 1 on.
CLI::Validator WholeSeconds();

/// Whether a resource can be told by a unique name too.
enum class UniqueNames { kYes, kNo };

/// Takes a SID or unique name as `--sid X` or as plain argument; one of them is needed.
void AddSidOption(CLI::App& verb,
                  std::string& sid,
                  const std::string& alias = {},
                  UniqueNames names = UniqueNames::kYes);

/// After parsing, `run` is what the session does.
template <typename Options>
void Bind(CLI::App& verb,
          Session& session,
          std::shared_ptr<Options> options,
          Outcome (*run)(const Options&, Session&)) {
  verb.callback([&session, options, run] {
    session.action = [&session, options, run] { return run(*options, session); };
  });
}

/// The resources of the list at `path`, whose array is `key`. * as Api::List.
Outcome ShowList(const Session& session,
                 const std::string& path,
                 std::string_view key,
                 std::string_view default_properties,
                 const ListRequest& request);

/// DELETE of `path`, told on stderr in the original's words. * as Api::Delete.
Outcome RemoveResource(const Session& session, const std::string& path);

/// * Usage: neither --sid nor an argument.
Outcome RequireSid(const std::string& sid,
                   const std::string& what,
                   UniqueNames names = UniqueNames::kYes);

}  // namespace strata::cli
