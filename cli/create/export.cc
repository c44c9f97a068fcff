// SPDX-License-Identifier: Apache-2.0
#include "cli/create/export.h"

#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/create/manifest.h"
#include "cli/objects.h"
#include "cli/run.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::cli {
namespace {

struct Options {
  ConnectionOptions connection;
  Selection selection;
  bool with_credentials = false;
};

absl::Status Export(const Context& ctx, Connection& connection, const Options& options) {
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  ASSIGN_OR_RETURN(const Selected selected,
                   SelectObjects(limited, connection, "export", options.selection));
  if (!selected.missing.empty()) return selected.missing[0];
  const kube::Resource secrets{"", "v1", "secrets", "Secret", true};
  for (const Value& object : selected.objects) {
    std::cout << FormatManifest(object);
    const absl::string_view secret = object["spec"]["secretRef"]["name"].str();
    if (!options.with_credentials || secret.empty()) continue;
    auto live = connection.client->Get(limited, secrets,
                                       {std::string(kube::Namespace(object)), std::string(secret)});
    if (!live.ok()) {
      return Annotate(live.status(), absl::StrCat("failed to retrieve secret ", secret));
    }
    // Labels and annotations of the Secret are whoever wrote it's.
    Value& metadata = live->Ensure("metadata");
    metadata.Erase("labels");
    metadata.Erase("annotations");
    std::cout << FormatManifest(*live);
  }
  return absl::OkStatus();
}

}  // namespace

void AddExport(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& exported = command.Sub("export", "Prints objects as manifests: export ks NAME …",
                                  [options] { return RunConnected(*options, Export); });
  AddSelectionFlags(exported, options->selection);
  AddConnectionFlags(exported, options->connection);
  exported.Bool("--with-credentials", options->with_credentials,
                "sources: with the Secrets that they name");
}

}  // namespace sluice::cli
