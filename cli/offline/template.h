// `sluice template`: what a chart renders to, without a cluster, as `helm template` prints it.
//
// This command starts in the small `sluice` program (docs/adr/0015): what it includes must stay
// free of network libraries and of looking up hosts.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/flags/command.h"
#include "common/gotmpl/environment.h"
#include "common/helm/chart.h"

namespace sluice::cli {

struct TemplateOptions {
  std::vector<std::string> words;  // [NAME] CHART
  std::string ns;
  std::string helm = "4";
  std::string kube_version;
  std::string output_dir;
  std::string name_template;
  std::vector<std::string> api_versions;
  std::vector<std::string> show_only;
  std::vector<std::string> values, set, set_string, set_file, set_json, set_literal;
  bool generate_name = false;
  bool include_crds = false;
  bool is_upgrade = false;
  bool no_hooks = false;
  bool skip_tests = false;
  bool skip_schema_validation = false;
  bool use_release_name = false;
  bool enable_dns = false;
  bool debug = false;
  // Flags of Helm that need what this command has not.
  bool validate = false;
  bool dependency_update = false;
  bool verify = false;
  std::string post_renderer, repo, version;
  // Flags of Helm that change nothing here.
  bool ignored = false;
  std::string ignored_text;
};

inline constexpr char kTemplateSummary[] = "Renders a chart without a cluster, as Helm does";

// The flags of `command`, which is the subcommand itself.
void AddTemplateFlags(Command& command, TemplateOptions& options);

// Prints to `out`, what the user should know besides to `err`. Errors are Helm's.
absl::Status Template(const TemplateOptions& options, gotmpl::Environment& environment,
                      std::ostream& out, std::ostream& err);

// The same on standard output and error, with "Error: " before the reason: 0, or 1 as Helm has it.
int RunTemplate(const TemplateOptions& options, gotmpl::Environment& environment);

// A whole program whose only command is `template`.
int TemplateMain(int argc, const char* const* argv);
// Whether --enable-dns is among the words, for which that program is not enough.
bool AsksForHosts(int argc, const char* const* argv);

// The name of the release and the path of the chart that the words say.
struct NameAndChart {
  std::string name;
  std::string chart;
};
absl::StatusOr<NameAndChart> NameAndChartOf(const TemplateOptions& options, helm::Dialect dialect);

}  // namespace sluice::cli
