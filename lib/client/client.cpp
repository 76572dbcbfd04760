// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "client/call_fields.hpp"
#include "client/check_call.hpp"
#include "client/find_hashes.hpp"
#include "client/flight.hpp"
#include "client/get_image.hpp"
#include "client/list_scans.hpp"
#include "client/pending_call.hpp"

#include <binarly/client.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace binarly {
namespace detail {

/// What the copies of a client share, and calls do not: its end is the client's end.
class client_state {
 public:
  client_state(const asio::any_io_executor& executor, client_options options)
      : engine_(std::make_shared<call::engine>(executor, std::move(options))) {
    engine_->begin();
  }
  ~client_state() { engine_->end(); }
  client_state(const client_state&) = delete;
  client_state& operator=(const client_state&) = delete;

  [[nodiscard]] const std::shared_ptr<call::engine>& engine() const noexcept { return engine_; }
  [[nodiscard]] const std::shared_ptr<flight_table<image>>& flights() const noexcept {
    return flights_;
  }

 private:
  const std::shared_ptr<call::engine> engine_;
  const std::shared_ptr<flight_table<image>> flights_ = std::make_shared<flight_table<image>>();
};

void start_get_image(std::shared_ptr<client_state> state, image_ref ref, call_options options,
                     get_image_handler handler) {
  auto& engine = state->engine();
  if (engine->ended()) return;  // the handler is destroyed: nobody is left to call it
  auto refused = check_get_image(ref, options);
  if (!refused) refused = check_process(to_string(operation_kind::get_image), ref, *engine);
  auto how = engine->settings_for(options);
  how.more_fields = call_fields(options);
  if (!refused && options.join.value_or(false)) {
    return std::make_shared<passenger<image>>(engine, std::move(handler), std::move(options.report))
        ->start(state->flights(), get_image(engine->origin().path_prefix, ref, options),
                std::move(how), found_image);
  }
  const auto call = std::make_shared<pending_call<image>>(
      engine, refused ? call::operation() : get_image(engine->origin().path_prefix, ref, options),
      std::move(how), found_image, std::move(options.report), std::move(handler));
  if (refused) return call->fail(std::move(*refused));
  call->start();
}

void start_list_scans(std::shared_ptr<client_state> state, image_ref ref, call_options options,
                      list_scans_handler handler) {
  auto& engine = state->engine();
  if (engine->ended()) return;  // the handler is destroyed: nobody is left to call it
  auto refused = check_list_scans(ref, options);
  if (!refused) refused = check_process(to_string(operation_kind::list_scans), ref, *engine);
  auto how = engine->settings_for(options);
  how.more_fields = call_fields(options);
  const auto call = std::make_shared<pending_call<std::vector<scan>>>(
      engine, refused ? call::operation() : list_scans(engine->origin().path_prefix, ref),
      std::move(how), found_scans, std::move(options.report), std::move(handler));
  if (refused) return call->fail(std::move(*refused));
  call->start();
}

void start_find_hashes(std::shared_ptr<client_state> state, image_ref ref, hash_query query,
                       call_options options, find_hashes_handler handler) {
  auto& engine = state->engine();
  if (engine->ended()) return;  // the handler is destroyed: nobody is left to call it
  auto refused = check_find_hashes(ref, query, options);
  if (!refused) refused = check_process(to_string(operation_kind::find_hashes), ref, *engine);
  auto how = engine->settings_for(options);
  how.more_fields = call_fields(options);
  adjust_for_report(how, engine->limits());
  const auto call = std::make_shared<pending_call<image_hashes>>(
      engine,
      refused ? call::operation()
              : find_hashes(engine->origin().path_prefix, ref, std::move(query)),
      std::move(how), found_hashes, std::move(options.report), std::move(handler));
  if (refused) return call->fail(std::move(*refused));
  call->start();
}

namespace {

/// Carries the end of a client to whoever waits for it. The engine holds on to it, so it must not
/// hold on to the engine.
class pending_close final : public std::enable_shared_from_this<pending_close> {
 public:
  pending_close(asio::any_io_executor executor, close_handler handler)
      : executor_(std::move(executor)),
        slot_(handler.get_cancellation_slot()),
        work_(asio::get_associated_executor(handler, executor_)),
        handler_(std::move(handler)) {}

  void start(const std::shared_ptr<call::engine>& engine, std::chrono::nanoseconds bound) {
    if (slot_.is_connected()) {
      slot_.assign([whose = std::weak_ptr(engine)](asio::cancellation_type) {
        if (const auto here = whose.lock()) here->end();
      });
    }
    engine->close(bound, [self = shared_from_this()] { self->deliver(); });
  }

 private:
  /// By way of the client's own executor, as every completion.
  void deliver() {
    // The client's context may end before the handler's own, and no copy of its executor may be
    // left then.
    const asio::any_io_executor by_way_of = std::exchange(executor_, {});
    asio::post(by_way_of, [self = shared_from_this()]() mutable {
      const auto where = self->work_.get_executor();
      asio::dispatch(where, [self = std::move(self)]() mutable {
        if (self->slot_.is_connected()) self->slot_.clear();
        self->work_.reset();
        close_handler done(std::move(self->handler_));
        self = nullptr;
        std::move(done)();
      });
    });
  }

  asio::any_io_executor executor_;
  asio::cancellation_slot slot_;
  asio::executor_work_guard<asio::any_completion_executor> work_;
  close_handler handler_;
};

}  // namespace

void start_close(const std::shared_ptr<client_state>& state, std::chrono::milliseconds bound,
                 close_handler handler) {
  const auto& engine = state->engine();
  if (engine->ended()) return;
  std::make_shared<pending_close>(engine->executor(), std::move(handler))
      ->start(engine, std::clamp<std::chrono::nanoseconds>(bound, {}, std::chrono::hours(24)));
}

}  // namespace detail

client::client(asio::any_io_executor executor, client_options options)
    : state_(std::make_shared<detail::client_state>(executor, std::move(options))) {}

pool_counters client::counters() const noexcept { return state_->engine()->count(); }

asio::any_io_executor client::get_executor() const noexcept { return state_->engine()->executor(); }

}  // namespace binarly
