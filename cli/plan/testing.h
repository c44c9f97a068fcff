// A repository of a small cluster for tests: revisions by commit, plans between them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "cli/plan/plan.h"

namespace sluice::plan {

class TestRepository {
 public:
  TestRepository();
  ~TestRepository();

  // A Kustomization `name` of the folder apps/<name>, with `spec` (YAML, flow style) on top.
  void WriteUnit(const std::string& name, const std::string& spec = "");
  void Write(const std::string& path, const std::string& content);
  void Delete(const std::string& path);
  void Commit();

  // What the last commit does to a cluster that has synced the one before.
  Report PlanLast();
  Report TestLast();

  // "<folder that goes with this>/<name>".
  std::string Scratch(const std::string& name) const;

  PlanOptions options;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// "create ConfigMap/web/a", by line.
std::string ChangesOf(const Report& report);
// "SLP001 PersistentVolumeClaim/web/data", by line.
std::string FindingsOf(const Report& report, Level at_least);

}  // namespace sluice::plan
