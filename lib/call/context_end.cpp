// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/context_end.hpp"

#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace binarly::call {

/// The functions to run. It outlives the context, since the objects registered may.
struct context_end::registry {
  struct entry {
    std::function<void()> on_end;
    std::function<void()> on_child;
  };
  std::mutex mutex;
  std::map<const context_end*, entry> functions;
};

class context_end::service final : public boost::asio::execution_context::service {
 public:
  using key_type = service;
  inline static boost::asio::execution_context::id id;

  explicit service(boost::asio::execution_context& owner)
      : boost::asio::execution_context::service(owner), functions(std::make_shared<registry>()) {}

  const std::shared_ptr<registry> functions;

 private:
  void shutdown() noexcept override {
    for (;;) {
      std::function<void()> next;
      {
        const std::lock_guard lock(functions->mutex);
        if (functions->functions.empty()) return;
        next = std::move(functions->functions.begin()->second.on_end);
        functions->functions.erase(functions->functions.begin());
      }
      next();
    }
  }

  void notify_fork(boost::asio::execution_context::fork_event event) override {
    if (event != boost::asio::execution_context::fork_child) return;
    std::vector<std::function<void()>> told;
    {
      const std::lock_guard lock(functions->mutex);
      for (const auto& [which, entry] : functions->functions)
        told.push_back(entry.on_child);
    }
    for (const auto& each : told)
      each();
  }
};

context_end::context_end(boost::asio::execution_context& context, std::function<void()> on_end,
                         std::function<void()> on_child)
    : registry_(boost::asio::use_service<service>(context).functions) {
  const std::lock_guard lock(registry_->mutex);
  registry_->functions.emplace(this, registry::entry{std::move(on_end), std::move(on_child)});
}

context_end::~context_end() {
  const std::lock_guard lock(registry_->mutex);
  registry_->functions.erase(this);
}

}  // namespace binarly::call
