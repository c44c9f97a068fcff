// The copy operations of an ArtifactGenerator (fluxcd/source-watcher 2.2), which follow cp:
//
//   from "@a/x.yaml"  to "@artifact/d/"   d/x.yaml
//   from "@a/x.yaml"  to "@artifact/d"    d, or d/x.yaml if d is a directory
//   from "@a/dir/"    to "@artifact/d/"   d/dir/… with everything in it
//   from "@a/dir/**"  to "@artifact/d/"   d/… without "dir/"
//   from "@a/d/*.y"   to "@artifact/e/"   e/d/x.y: the whole path
//
// Merge merges YAML files as Helm merges values, if the target is there already. Extract unpacks
// archives named .tgz or .tar.gz.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/api/source/artifact_generator.h"
#include "common/artifact_composition/composition.h"
#include "common/base/context.h"
#include "common/fs/tree.h"

namespace sluice::artifact_composition {

// The content of the sources by alias.
using SourceTrees = std::map<std::string, std::shared_ptr<const fs::Tree>>;

// Carries out `operations` in order. Errors in source-watcher's words: what does not exist, matches
// nothing or leads out of source or artifact, patterns and archives that are malformed.
absl::Status ApplyCopies(const Context& ctx, const std::vector<api::CopyOperation>& operations,
                         const SourceTrees& sources, Composition& target);

}  // namespace sluice::artifact_composition
