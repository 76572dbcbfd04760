// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/context_end.hpp"

#include <map>
#include <mutex>
#include <utility>

namespace binarly::call {

/// The functions to run. It outlives the context, since the objects registered may.
struct context_end::registry {
  std::mutex mutex;
  std::map<const context_end*, std::function<void()>> functions;
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
        next = std::move(functions->functions.begin()->second);
        functions->functions.erase(functions->functions.begin());
      }
      next();
    }
  }
};

context_end::context_end(boost::asio::execution_context& context, std::function<void()> function)
    : registry_(boost::asio::use_service<service>(context).functions) {
  const std::lock_guard lock(registry_->mutex);
  registry_->functions.emplace(this, std::move(function));
}

context_end::~context_end() {
  const std::lock_guard lock(registry_->mutex);
  registry_->functions.erase(this);
}

}  // namespace binarly::call
