// Prometheus metrics: counters, gauges and histograms with labels, and their text for /metrics.
//
//   metrics::Registry registry;
//   metrics::Histogram& duration = registry.AddHistogram(
//       {.name = "gotk_reconcile_duration_seconds", .help = "...", .labels = {"kind", "name"}},
//       metrics::ExponentialBuckets(0.01, 2, 12));
//   duration.Observe({"Kustomization", "apps"}, 1.5);
//   duration.RemoveWhere({{"kind", "Kustomization"}, {"name", "apps"}});  // the object is gone
//
// A series comes into being when it is first named; name it with Add(..., 0) at start where its
// absence would be misread. Label values are given in the order of the family's labels.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"

namespace sluice::metrics {

struct Description {
  std::string name;  // as Prometheus names metrics; checked when added
  std::string help;
  std::vector<std::string> labels;
  // Series beyond this many are not made; what they would have said is dropped and counted in
  // metrics_dropped_updates_total{metric}. A label from outside must not eat the memory.
  size_t max_series = 20000;
};

using LabelValues = std::initializer_list<absl::string_view>;
using LabelMatches = std::initializer_list<std::pair<absl::string_view, absl::string_view>>;

// The series of one metric. Thread-safe.
class Family {
 public:
  virtual ~Family() = default;
  // Forgets one series.
  virtual void Remove(LabelValues values) = 0;
  // Forgets every series with these values of these labels, whatever its other labels.
  virtual void RemoveWhere(LabelMatches matches) = 0;
};

class Counter : public Family {
 public:
  // `amount` is not negative.
  virtual void Add(LabelValues values, double amount = 1) = 0;
};

class Gauge : public Family {
 public:
  virtual void Set(LabelValues values, double value) = 0;
  virtual void Add(LabelValues values, double amount) = 0;
};

class Histogram : public Family {
 public:
  virtual void Observe(LabelValues values, double value) = 0;
};

// Upper bounds start, start*factor, ... (`count` of them); `factor` is above 1.
std::vector<double> ExponentialBuckets(double start, double factor, int count);

// Thread-safe. One per process in production, handed to what counts.
class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The families live as long as the registry. A name, label or bucket list that Prometheus does
  // not allow, or a name taken already, is a mistake of ours and ends the process.
  Counter& AddCounter(Description description) ABSL_ATTRIBUTE_LIFETIME_BOUND;
  Gauge& AddGauge(Description description) ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // `buckets` are upper bounds, ascending; that of infinity is added.
  Histogram& AddHistogram(Description description,
                          std::vector<double> buckets) ABSL_ATTRIBUTE_LIFETIME_BOUND;

  // Called before each Text(), to set what is only read on demand. Must not call Text().
  void OnCollect(std::function<void()> refresh);

  // Every series in Prometheus' text format 0.0.4.
  std::string Text();
  static constexpr absl::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::metrics
