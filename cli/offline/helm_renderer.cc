// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/helm_renderer.h"

#include "common/base/status_macros.h"
#include "common/fs/subtree.h"
#include "common/helm/capabilities.h"
#include "common/helm/loader.h"
#include "common/helm/release.h"
#include "common/helm/values_file.h"
#include "common/template_environment/system_environment.h"
#include "common/value/value.h"

namespace sluice::cli {
namespace {

constexpr helm::Dialect kDialect = helm::Dialect::kHelm3;

}  // namespace

absl::StatusOr<std::string> HelmRenderer::Render(const fs::Tree& tree,
                                                 const kustomize::ChartRelease& release) const {
  ASSIGN_OR_RETURN(const fs::Subtree folder, fs::Subtree::Create(tree, release.chart));
  ASSIGN_OR_RETURN(const auto chart, helm::LoadTree(folder, {.dialect = kDialect}));
  RETURN_IF_ERROR(helm::CheckInstallable(*chart, kDialect));

  Value values = Value::EmptyObject();
  for (const Value& layer : release.values) values = helm::MergeTables(values, layer);
  helm::Target target{.release = {.name = release.name,
                                  .namespace_name = release.namespace_name.empty()
                                                        ? "default"
                                                        : release.namespace_name}};
  target.capabilities = helm::DefaultCapabilities(kDialect);
  if (!release.kube_version.empty()) {
    ASSIGN_OR_RETURN(target.capabilities->kube_version,
                     helm::ParseKubeVersion(release.kube_version, kDialect));
  }
  auto& versions = target.capabilities->api_versions;
  versions.insert(versions.end(), release.api_versions.begin(), release.api_versions.end());

  template_environment::SystemEnvironment environment;
  helm::ReleaseOptions options;
  options.render.dialect = kDialect;
  options.render.environment = &environment;
  options.include_crds = release.include_crds;
  ASSIGN_OR_RETURN(const helm::RenderedRelease rendered,
                   helm::RenderRelease(chart, values, target, options));
  return helm::PrintedTemplates(rendered, !release.skip_hooks, !release.skip_tests);
}

}  // namespace sluice::cli
