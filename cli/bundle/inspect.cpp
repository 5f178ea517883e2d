// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/reader.hpp"

#include "bundle/bundle.hpp"
#include "bundle/describe.hpp"
#include "support/files.hpp"
#include "support/output.hpp"

namespace strata::cli {

Outcome RunInspectBundle(const InspectBundleOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::unique_ptr<bundle::ByteSource> source, OpenBundleFile(options.file));
  STRATA_TRY_ASSIGN(const bundle::BundleReader reader,
                    Lift(bundle::BundleReader::Open(*source), options.file));
  const JsonObject record = BundleRecord(
      options.file, source->size(), reader.manifest_bytes(), reader.manifest(), reader.body());
  if (session.common.OutputFormat() == Format::kColumns && session.common.properties.empty()) {
    session.context.out << BundlePage(record, reader.body());
    return Done{};
  }
  WriteRecords(session, {record}, "file,manifestHash,signerId");
  return Done{};
}

void AddInspectBundle(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "inspect",
                           "Show what a bundle says, without trusting it",
                           "strata bundle inspect app.zip -o json");
  auto options = std::make_shared<InspectBundleOptions>();
  verb.add_option("FILE", options->file, "The bundle")->required();
  Bind(verb, session, options, RunInspectBundle);
}

}  // namespace strata::cli
