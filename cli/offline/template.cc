// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/template.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <ostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/offline/chart_files.h"
#include "cli/offline/template_output.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/template_set.h"
#include "common/helm/functions.h"
#include "common/helm/release.h"
#include "common/helm/user_values.h"
#include "common/template_environment/system_environment.h"
#include "common/text/quote.h"
#include "common/value/value.h"

namespace sluice::cli {
namespace {

using helm::Dialect;

constexpr size_t kLongestName = 53;
constexpr absl::string_view kDefaultName = "release-name";

absl::Status Invalid(absl::string_view message) { return absl::InvalidArgumentError(message); }

Dialect DialectOf(const TemplateOptions& options) {
  return options.helm == "3" ? Dialect::kHelm3 : Dialect::kHelm4;
}

absl::Status CheckFlags(const TemplateOptions& options) {
  struct Refusal {
    bool given;
    absl::string_view why;
  };
  const Refusal refusals[] = {
      {options.validate, "--validate asks a cluster, and this command talks to none"},
      {options.dependency_update,
       "--dependency-update fetches charts, and this command fetches nothing: run `helm dependency "
       "update` before"},
      {options.verify, "--verify checks signatures of charts, which this command does not"},
      {!options.post_renderer.empty(),
       "--post-renderer starts a program, and this command starts none: pipe its output"},
      {!options.repo.empty(), "--repo fetches charts, and this command fetches nothing"},
      {!options.version.empty(),
       "--version chooses among the charts of a repository, and this command fetches nothing"},
  };
  for (const Refusal& refusal : refusals) {
    if (refusal.given) return absl::UnimplementedError(refusal.why);
  }
  return absl::OkStatus();
}

// --name-template
absl::StatusOr<std::string> NameFromTemplate(const std::string& text, Dialect dialect) {
  template_environment::SystemEnvironment environment;
  helm::RenderSession session({}, &environment, nullptr);
  gotmpl::TemplateSet set("name-template", helm::ChartFunctions(dialect));
  RETURN_IF_ERROR(set.Parse("name-template", text));
  std::string name;
  RETURN_IF_ERROR(set.Execute("name-template", gotmpl::Value(), session, name));
  return name;
}

// One label of a DNS name.
bool IsLabel(absl::string_view label) {
  const auto inner = [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  };
  return !label.empty() && std::all_of(label.begin(), label.end(), inner) && label.front() != '-' &&
         label.back() != '-';
}

absl::Status CheckName(const std::string& name, Dialect dialect) {
  const std::vector<absl::string_view> labels = absl::StrSplit(name, '.');
  if (name.size() <= kLongestName && std::all_of(labels.begin(), labels.end(), IsLabel)) {
    return absl::OkStatus();
  }
  const absl::string_view reason =
      name.empty() ? "no name provided"
                   : "invalid release name, must match regex "
                     "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the "
                     "length must not be longer than 53";
  return Invalid(absl::StrCat(dialect == Dialect::kHelm4 ? "release name check failed: " : "",
                              "release name ", text::Quote(name), ": ", reason));
}

std::string NamespaceOf(const TemplateOptions& options) {
  if (!options.ns.empty()) return options.ns;
  const char* const environment = std::getenv("HELM_NAMESPACE");
  return environment != nullptr && *environment != '\0' ? environment : "default";
}

absl::StatusOr<Value> ValuesOf(const TemplateOptions& options, Dialect dialect) {
  helm::UserValues given{.set_json = options.set_json,
                         .set = options.set,
                         .set_string = options.set_string,
                         .set_file = options.set_file,
                         .set_literal = options.set_literal};
  for (const std::string& name : options.values) {
    ASSIGN_OR_RETURN(std::string content, ReadValuesFile(name));
    given.files.push_back({name, std::move(content)});
  }
  return helm::Merge(given, dialect, ReadValuesFile);
}

// The files that could not be sorted, for --debug.
void PrintUnsorted(const helm::RenderedFiles& files, std::ostream& out) {
  std::string text;
  for (const auto& [path, content] : files) {
    if (absl::StripAsciiWhitespace(content).empty()) continue;
    absl::StrAppend(&text, "---\n# Source: ", path, "\n", content, "\n");
  }
  out << absl::StripAsciiWhitespace(text) << "\n";
}

absl::StatusOr<helm::Target> TargetOf(const TemplateOptions& options, std::string name,
                                      Dialect dialect) {
  helm::Target target{.release = {.name = std::move(name),
                                  .namespace_name = NamespaceOf(options),
                                  .is_upgrade = options.is_upgrade}};
  target.capabilities = helm::DefaultCapabilities(dialect);
  if (!options.kube_version.empty()) {
    ASSIGN_OR_RETURN(target.capabilities->kube_version,
                     helm::ParseKubeVersion(options.kube_version, dialect));
  }
  auto& versions = target.capabilities->api_versions;
  versions.insert(versions.end(), options.api_versions.begin(), options.api_versions.end());
  return target;
}

}  // namespace

void AddTemplateFlags(Command& command, TemplateOptions& options) {
  command.Positionals("NAME CHART", options.words,
                      "the release's name, which may be left out, and a folder or archive");
  command.Choice("--helm", options.helm, {"3", "4"}, "whose behaviour is wanted");
  command.Text("-n,--namespace", options.ns, "the release's namespace; default: $HELM_NAMESPACE");
  command.List("-f,--values", options.values,
               "file of values, - for standard input; may be repeated");
  command.Texts("--set", options.set, "a.b=1,c={x,y}: values; may be repeated");
  command.Texts("--set-string", options.set_string, "the same, all of them texts");
  command.Texts("--set-file", options.set_file, "the same, the values being content of files");
  command.Texts("--set-json", options.set_json, "the same, the values being JSON");
  command.Texts("--set-literal", options.set_literal, "a.b=TEXT, no character of it special");
  command.Text("--kube-version", options.kube_version,
               "version of Kubernetes that charts are told");
  command.List("-a,--api-versions", options.api_versions, "API versions that charts are told, too");
  command.Bool("--include-crds", options.include_crds, "the files of crds/, too");
  command.Bool("--is-upgrade", options.is_upgrade, "as for an upgrade rather than an install");
  command.Texts("-s,--show-only", options.show_only,
                "only templates of this path; may be repeated");
  command.Text("--output-dir", options.output_dir, "folder to write the templates to");
  command.Bool("--release-name", options.use_release_name,
               "below the release's name in that folder");
  command.Bool("--no-hooks", options.no_hooks, "leave out hooks");
  command.Bool("--skip-tests", options.skip_tests, "leave out hooks that are tests");
  command.Bool("--skip-schema-validation", options.skip_schema_validation,
               "do not check values against the charts' schemas");
  command.Text("--name-template", options.name_template, "template that makes the release's name");
  command.Bool("-g,--generate-name", options.generate_name, "no name is given");
  command.Bool("--enable-dns", options.enable_dns, "let templates look up hosts");
  command.Bool("--debug", options.debug, "print templates that are no YAML, too");
  for (const char* name :
       {"--skip-crds", "--render-subchart-notes", "--hide-notes", "--wait", "--wait-for-jobs",
        "--atomic", "--force", "--replace", "--devel", "--create-namespace",
        "--disable-openapi-validation", "--take-ownership"}) {
    command.Bool(name, options.ignored, "changes nothing here");
  }
  for (const char* name : {"--timeout", "--description", "-l,--labels"}) {
    command.Text(name, options.ignored_text, "changes nothing here");
  }
  command.Bool("--validate", options.validate, "refused: needs a cluster");
  command.Bool("--dependency-update", options.dependency_update, "refused: fetches charts");
  command.Bool("--verify", options.verify, "refused: charts are not verified");
  command.Text("--post-renderer", options.post_renderer, "refused: starts a program");
  command.Text("--repo", options.repo, "refused: fetches charts");
  command.Text("--version", options.version, "refused: fetches charts");
}

absl::StatusOr<NameAndChart> NameAndChartOf(const TemplateOptions& options, Dialect dialect) {
  const std::vector<std::string>& words = options.words;
  if (words.empty()) {
    return Invalid("\"sluice template\" requires at least 1 argument: [NAME] CHART");
  }
  if (words.size() > 2) {
    return Invalid(absl::StrCat("expected at most two arguments, unexpected arguments: ",
                                absl::StrJoin(words.begin() + 2, words.end(), ", ")));
  }
  if (words.size() == 2) {
    if (options.generate_name) {
      return Invalid("cannot set --generate-name and also specify a name");
    }
    if (!options.name_template.empty()) {
      return Invalid("cannot set --name-template and also specify a name");
    }
    return NameAndChart{words[0], words[1]};
  }
  if (options.name_template.empty()) return NameAndChart{std::string(kDefaultName), words[0]};
  ASSIGN_OR_RETURN(std::string name, NameFromTemplate(options.name_template, dialect));
  return NameAndChart{std::move(name), words[0]};
}

absl::Status Template(const TemplateOptions& options, gotmpl::Environment& environment,
                      std::ostream& out, std::ostream& err) {
  const Dialect dialect = DialectOf(options);
  RETURN_IF_ERROR(CheckFlags(options));
  ASSIGN_OR_RETURN(helm::Target target, TargetOf(options, "", dialect));
  ASSIGN_OR_RETURN(const NameAndChart words, NameAndChartOf(options, dialect));
  target.release.name = words.name;
  ASSIGN_OR_RETURN(const Value values, ValuesOf(options, dialect));
  ASSIGN_OR_RETURN(const auto chart, LoadChart(words.chart, dialect));
  RETURN_IF_ERROR(helm::CheckInstallable(*chart, dialect));
  if (chart->metadata.deprecated) err << "WARNING: This chart is deprecated\n";
  RETURN_IF_ERROR(CheckName(words.name, dialect));

  // Not freed: the program ends next.
  static auto* const used = new std::vector<gotmpl::TemplateSet>();
  helm::RenderedFiles unsorted;
  helm::ReleaseOptions release_options;
  release_options.render.dialect = dialect;
  release_options.render.environment = &environment;
  release_options.render.skip_schema = options.skip_schema_validation;
  release_options.render.used = used;
  release_options.include_crds = options.include_crds;
  release_options.unsorted = options.debug ? &unsorted : nullptr;
  const absl::StatusOr<helm::RenderedRelease> release =
      helm::RenderRelease(chart, values, target, release_options);
  if (!release.ok()) {
    if (!unsorted.empty()) PrintUnsorted(unsorted, out);
    if (options.debug || !release.status().GetPayload(helm::kRenderError).has_value()) {
      return release.status();
    }
    return WithMessage(release.status(),
                       absl::StrCat(release.status().message(),
                                    "\n\nUse --debug flag to render out invalid YAML"));
  }
  for (const std::string& warning : release->warnings) err << warning << "\n";
  std::string printed;
  if (options.output_dir.empty()) {
    printed = helm::PrintedTemplates(*release, !options.no_hooks, !options.skip_tests);
  } else {
    ASSIGN_OR_RETURN(printed, WriteFiles(*release, options.output_dir,
                                         options.use_release_name ? words.name : "",
                                         !options.no_hooks, !options.skip_tests));
  }
  if (!options.show_only.empty()) {
    ASSIGN_OR_RETURN(printed, ShowOnly(printed, options.show_only, dialect));
  }
  out << printed;
  return absl::OkStatus();
}

int RunTemplate(const TemplateOptions& options, gotmpl::Environment& environment) {
  const absl::Status status = Template(options, environment, std::cout, std::cerr);
  std::cout.flush();
  if (status.ok()) return 0;
  std::cerr << "Error: " << status.message() << "\n";
  return 1;
}

int TemplateMain(int argc, const char* const* argv) {
  Command command("sluice", "Renders a chart without a cluster, as Helm does.");
  TemplateOptions options;
  AddTemplateFlags(command.Sub("template", kTemplateSummary,
                               [&options] {
                                 template_environment::SystemEnvironment environment;
                                 return RunTemplate(options, environment);
                               }),
                   options);
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  return command.Run();
}

bool AsksForHosts(int argc, const char* const* argv) {
  return std::any_of(argv, argv + argc,
                     [](const char* word) { return absl::StartsWith(word, "--enable-dns"); });
}

}  // namespace sluice::cli
