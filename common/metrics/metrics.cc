// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace sluice::metrics {
namespace {

[[noreturn]] void Misuse(absl::string_view name, absl::string_view what) {
  std::fputs(absl::StrCat("metric ", name, ": ", what, "\n").c_str(), stderr);
  std::abort();
}

// One string per combination of label values; no value can imitate two.
std::string Key(LabelValues values) {
  std::string key;
  for (const absl::string_view value : values) absl::StrAppend(&key, value.size(), ":", value);
  return key;
}

// The series of one family of the library's, by label values. The library locks each metric for
// itself; the lock here keeps one from being removed while it is used.
template <typename Metric>
class SeriesSet {
 public:
  SeriesSet(prometheus::Family<Metric>& family, Description description,
            prometheus::Family<prometheus::Counter>* dropped)
      : family_(family), description_(std::move(description)), dropped_(dropped) {}

  // Calls `update` with the series of `values`, which `make` creates if need be.
  template <typename Make, typename Update>
  void With(LabelValues values, Make make, Update update) {
    if (values.size() != description_.labels.size()) {
      Misuse(description_.name, "wrong number of label values");
    }
    std::string key = Key(values);
    const absl::MutexLock lock(&mutex_);
    const auto known = series_.find(key);
    if (known != series_.end()) return update(*known->second.metric);
    if (series_.size() >= description_.max_series) {
      if (dropped_ != nullptr) dropped_->Add({{"metric", description_.name}}).Increment();
      return;
    }
    Entry entry;
    prometheus::Labels labels;
    const absl::string_view* value = values.begin();
    for (const std::string& label : description_.labels) {
      entry.values.emplace_back(*value);
      labels.emplace(label, *value++);
    }
    entry.metric = &make(family_, labels);
    update(*entry.metric);
    series_.emplace(std::move(key), std::move(entry));
  }

  void Remove(LabelValues values) {
    const absl::MutexLock lock(&mutex_);
    const auto known = series_.find(Key(values));
    if (known == series_.end()) return;
    family_.Remove(known->second.metric);
    series_.erase(known);
  }

  void RemoveWhere(LabelMatches matches) {
    const absl::MutexLock lock(&mutex_);
    for (auto series = series_.begin(); series != series_.end();) {
      if (Matches(series->second, matches)) {
        family_.Remove(series->second.metric);
        series_.erase(series++);
      } else {
        ++series;
      }
    }
  }

 private:
  struct Entry {
    Metric* metric = nullptr;
    std::vector<std::string> values;
  };

  bool Matches(const Entry& entry, LabelMatches matches) const {
    return std::all_of(matches.begin(), matches.end(), [&](const auto& match) {
      for (size_t i = 0; i < description_.labels.size(); ++i) {
        if (description_.labels[i] == match.first) return entry.values[i] == match.second;
      }
      return false;
    });
  }

  prometheus::Family<Metric>& family_;
  const Description description_;
  prometheus::Family<prometheus::Counter>* const dropped_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Entry> series_ ABSL_GUARDED_BY(mutex_);
};

template <typename Metric, typename Interface>
class FamilyOf : public Interface {
 public:
  template <typename... Args>
  explicit FamilyOf(Args&&... args) : series_(std::forward<Args>(args)...) {}

  void Remove(LabelValues values) override { series_.Remove(values); }
  void RemoveWhere(LabelMatches matches) override { series_.RemoveWhere(matches); }

 protected:
  static Metric& Plain(prometheus::Family<Metric>& family, const prometheus::Labels& labels) {
    return family.Add(labels);
  }
  SeriesSet<Metric> series_;
};

class CounterFamily : public FamilyOf<prometheus::Counter, Counter> {
 public:
  using FamilyOf::FamilyOf;
  void Add(LabelValues values, double amount) override {
    series_.With(values, Plain, [&](prometheus::Counter& counter) { counter.Increment(amount); });
  }
};

class GaugeFamily : public FamilyOf<prometheus::Gauge, Gauge> {
 public:
  using FamilyOf::FamilyOf;
  void Set(LabelValues values, double value) override {
    series_.With(values, Plain, [&](prometheus::Gauge& gauge) { gauge.Set(value); });
  }
  void Add(LabelValues values, double amount) override {
    series_.With(values, Plain, [&](prometheus::Gauge& gauge) { gauge.Increment(amount); });
  }
};

class HistogramFamily : public FamilyOf<prometheus::Histogram, Histogram> {
 public:
  HistogramFamily(prometheus::Family<prometheus::Histogram>& family, Description description,
                  prometheus::Family<prometheus::Counter>* dropped, std::vector<double> buckets)
      : FamilyOf(family, std::move(description), dropped), buckets_(std::move(buckets)) {}

  void Observe(LabelValues values, double value) override {
    series_.With(
        values,
        [&](prometheus::Family<prometheus::Histogram>& family, const prometheus::Labels& labels)
            -> prometheus::Histogram& { return family.Add(labels, buckets_); },
        [&](prometheus::Histogram& histogram) { histogram.Observe(value); });
  }

 private:
  const std::vector<double> buckets_;
};

}  // namespace

struct Registry::State {
  State()
      : registry(prometheus::Registry::InsertBehavior::Throw),
        dropped(prometheus::BuildCounter()
                    .Name("metrics_dropped_updates_total")
                    .Help("Updates dropped because their metric has as many series as it may.")
                    .Register(registry)) {}

  // Registers a family of the library's and hands it to `wrap`, which makes ours from it.
  template <typename Builder, typename Wrap>
  auto& Add(Builder builder, Description description, Wrap wrap) {
    const absl::MutexLock lock(&mutex);
    if (!names.insert(description.name).second) Misuse(description.name, "added twice");
    try {
      auto& family = builder.Name(description.name).Help(description.help).Register(registry);
      auto ours = wrap(family, std::move(description));
      auto& result = *ours;
      families.push_back(std::move(ours));
      return result;
    } catch (const std::exception& failure) {
      Misuse(description.name, failure.what());
    }
  }

  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& dropped;
  absl::Mutex mutex;
  absl::flat_hash_set<std::string> names ABSL_GUARDED_BY(mutex);
  std::vector<std::unique_ptr<Family>> families ABSL_GUARDED_BY(mutex);
  std::vector<std::function<void()>> refreshes ABSL_GUARDED_BY(mutex);
};

std::vector<double> ExponentialBuckets(double start, double factor, int count) {
  std::vector<double> buckets;
  double bound = start;
  for (int i = 0; i < count; ++i) {
    buckets.push_back(bound);
    bound *= factor;
  }
  return buckets;
}

Registry::Registry() : state_(std::make_unique<State>()) {}
Registry::~Registry() = default;

Counter& Registry::AddCounter(Description description) {
  return state_->Add(
      prometheus::BuildCounter(), std::move(description), [&](auto& family, Description d) {
        return std::make_unique<CounterFamily>(family, std::move(d), &state_->dropped);
      });
}

Gauge& Registry::AddGauge(Description description) {
  return state_->Add(prometheus::BuildGauge(), std::move(description),
                     [&](auto& family, Description d) {
                       return std::make_unique<GaugeFamily>(family, std::move(d), &state_->dropped);
                     });
}

Histogram& Registry::AddHistogram(Description description, std::vector<double> buckets) {
  if (!std::is_sorted(buckets.begin(), buckets.end(), std::less_equal<double>())) {
    Misuse(description.name, "buckets are not ascending");
  }
  return state_->Add(prometheus::BuildHistogram(), std::move(description),
                     [&](auto& family, Description d) {
                       return std::make_unique<HistogramFamily>(
                           family, std::move(d), &state_->dropped, std::move(buckets));
                     });
}

void Registry::OnCollect(std::function<void()> refresh) {
  const absl::MutexLock lock(&state_->mutex);
  state_->refreshes.push_back(std::move(refresh));
}

std::string Registry::Text() {
  std::vector<std::function<void()>> refreshes;
  {
    const absl::MutexLock lock(&state_->mutex);
    refreshes = state_->refreshes;
  }
  for (const std::function<void()>& refresh : refreshes) refresh();
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace sluice::metrics
