// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "client/get_image.hpp"
#include "client/pending_call.hpp"

#include <binarly/client.hpp>

#include <memory>
#include <utility>

namespace binarly {
namespace detail {

/// What the copies of a client share, and calls do not: its end is the client's end.
class client_state {
 public:
  client_state(const asio::any_io_executor& executor, client_options options)
      : engine_(std::make_shared<call::engine>(executor, std::move(options))) {
    engine_->begin();
  }
  ~client_state() { engine_->close(); }
  client_state(const client_state&) = delete;
  client_state& operator=(const client_state&) = delete;

  [[nodiscard]] const std::shared_ptr<call::engine>& engine() const noexcept { return engine_; }

 private:
  const std::shared_ptr<call::engine> engine_;
};

void start_get_image(std::shared_ptr<client_state> state, image_ref ref, call_options options,
                     get_image_handler handler) {
  auto& engine = state->engine();
  const auto call = std::make_shared<pending_call<image>>(engine, std::move(handler));
  if (auto refused = check_get_image(ref, options)) return call->fail(std::move(*refused));
  call->start(get_image(*engine, std::move(ref), std::move(options)));
}

}  // namespace detail

client::client(asio::any_io_executor executor, client_options options)
    : state_(std::make_shared<detail::client_state>(executor, std::move(options))) {}

asio::any_io_executor client::get_executor() const noexcept { return state_->engine()->executor(); }

}  // namespace binarly
