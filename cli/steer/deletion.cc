// SPDX-License-Identifier: Apache-2.0
#include "cli/steer/deletion.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/objects.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::cli {
namespace {

struct Options {
  ConnectionOptions connection;
  Selection selection;
  bool silent = false;
};

absl::Status Delete(const Context& ctx, Connection& connection, const Options& options) {
  ASSIGN_OR_RETURN(const Selected selected,
                   SelectObjects(ctx.WithTimeout(options.connection.timeout), connection, "delete",
                                 options.selection));
  if (!selected.missing.empty()) return selected.missing[0];
  const std::string kind = selected.view->HumanName();
  const size_t count = selected.objects.size();
  if (!options.silent &&
      !Confirm(absl::StrCat("Are you sure you want to delete ",
                            count == 1 ? absl::StrCat("this ", kind)
                                       : absl::StrCat("these ", count, " ", kind, " objects")))) {
    return absl::AbortedError("aborting");
  }
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  for (const Value& object : selected.objects) {
    const kube::ObjectKey key = kube::KeyOf(object);
    PrintProgress(Mark::kAction,
                  absl::StrCat("deleting ", kind, " ", key.name, " in ", key.ns, " namespace"));
    RETURN_IF_ERROR(Annotate(connection.client->Delete(limited, selected.view->Resource(), key,
                                                       {.uid = std::string(kube::Uid(object))}),
                             kube::Subject(object)));
    PrintProgress(Mark::kSuccess, absl::StrCat(kind, " deleted"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddDelete(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& del = command.Sub("delete", "Deletes objects after asking: delete ks NAME …",
                             [options] { return RunConnected(*options, Delete); });
  AddSelectionFlags(del, options->selection);
  AddConnectionFlags(del, options->connection);
  del.Bool("-s,--silent", options->silent, "without asking");
}

}  // namespace sluice::cli
