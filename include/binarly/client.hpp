// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_HPP
#define BINARLY_CLIENT_HPP

#include <binarly/call_options.hpp>
#include <binarly/client_options.hpp>
#include <binarly/detail/config.hpp>
#include <binarly/failure.hpp>
#include <binarly/image.hpp>
#include <binarly/image_hashes.hpp>
#include <binarly/pool_counters.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace binarly {

namespace asio = boost::asio;

namespace detail {
class client_state;
using get_image_handler = asio::any_completion_handler<void(result<image>)>;
BINARLY_IMAGES_DECL void start_get_image(std::shared_ptr<client_state> state, image_ref ref,
                                         call_options options, get_image_handler handler);
using find_hashes_handler = asio::any_completion_handler<void(result<image_hashes>)>;
BINARLY_IMAGES_DECL void start_find_hashes(std::shared_ptr<client_state> state, image_ref ref,
                                           hash_query query, call_options options,
                                           find_hashes_handler handler);
using list_scans_handler = asio::any_completion_handler<void(result<std::vector<scan>>)>;
BINARLY_IMAGES_DECL void start_list_scans(std::shared_ptr<client_state> state, image_ref ref,
                                          call_options options, list_scans_handler handler);
using close_handler = asio::any_completion_handler<void()>;
BINARLY_IMAGES_DECL void start_close(const std::shared_ptr<client_state>& state,
                                     std::chrono::milliseconds bound, close_handler handler);
}  // namespace detail

/// A client of one service: a handle on shared state, cheap to copy.
///
/// Copies share connections, credentials and limits. The client starts no thread and sets no
/// global; all its work runs on the executor that it was given. (Asio resolves host names on one
/// thread of its own; a literal address needs none.) It keeps `run()` busy only while a call is in
/// flight or an idle connection has not expired.
///
/// When the last copy goes, calls in flight complete with `errc::client_closed`, and nothing
/// blocks. `async_close` is the other way to end it: with patience.
///
/// Thread safety: distinct copies may be used from any threads, and so may the `const` members of
/// one and the same object.
///
/// The execution context may end at any time, with calls in flight, too, and a client may outlive
/// it, be it a copy that a handler owns. What was in flight is destroyed with the context, handlers
/// included, which are not called. From then on a client can do nothing and be destroyed safely: a
/// handler that is given to it is destroyed at once and not called (a future is a broken promise,
/// a coroutine that awaits is destroyed), `get_executor` returns an empty executor, and `counters`
/// what was counted last. `asio::thread_pool` and `asio::system_executor` are no exceptions; once
/// such a pool was stopped, calls wait until it ends. As with any Asio object, no other thread may
/// be about to begin a call, or to destroy a client, while the context is being destroyed.
///
/// A client belongs to the process that made it. In a child process (`fork`) its connections are
/// the parent's, and an answer that the child read would be missing there. So in a child every call
/// fails with `errc::client_closed` and nothing is sent; copies of what was in flight end so, too,
/// once the context runs there. A child may destroy the client, which leaves the parent's
/// connections alone: they are closed there without a byte to the peer. It makes clients of its
/// own after the fork. Asio's own rule stays: a child that runs a context of its parent's first
/// calls `context.notify_fork(asio::execution_context::fork_child)`.
class BINARLY_IMAGES_DECL client {
 public:
  /// Completion signature of `async_get_image`.
  using get_image_signature = void(result<image>);

  /// Completion signature of `async_find_hashes`.
  using find_hashes_signature = void(result<image_hashes>);

  /// Completion signature of `async_list_scans`.
  using list_scans_signature = void(result<std::vector<scan>>);

  /// Checks the options and reads the certificate authorities, which takes some 20 ms for the
  /// system's; `tls_options::authorities` spares the next client that. Throws `failure_error`
  /// (`errc::invalid_argument`), naming the option, when one of them cannot be used.
  client(asio::any_io_executor executor, client_options options);

  /// Looks up one image: GET {base}/api/v4/products/{product}/images/{image}.
  ///
  /// Completes with the image, or with the failure that ended the call after the attempts that its
  /// retry policy allows. Nothing is thrown for what the network or the service does.
  ///
  /// The image is the one that was asked for: an answer with another id, or with a parent that is
  /// not its product, is `errc::bad_response` (see `image_ref::has_id` and `has_parent`). The
  /// answer is asked for without a coding; one in gzip's is read all the same, and any other is
  /// `errc::bad_response`. A body of more than `answer_limits::body` is `errc::too_large`, as it
  /// was sent or once its coding is undone.
  ///
  /// The token defaults to `asio::deferred`: the result can be awaited in any coroutine, or be
  /// given another token later. Arguments are taken by value; nothing that the caller owns must
  /// stay alive, but the client itself must, or the call ends with `errc::client_closed`.
  ///
  /// Deadline: `options.deadline`, else the client's; covers waits, attempts and backoff.
  ///
  /// Cancellation: any type of cancellation completes the call at once with `errc::cancelled`. The
  /// connection that carried it reads on for at most a second, and serves others when the rest of
  /// the answer was small; one that was being made for it goes on, within its own bounds. The slot
  /// may be emitted on the handler's executor.
  ///
  /// The handler is invoked exactly once, on its associated executor (the client's by default), and
  /// never from within the initiating function.
  template <asio::completion_token_for<get_image_signature> CompletionToken>
  auto async_get_image(image_ref ref, call_options options, CompletionToken&& token) const {
    return asio::async_initiate<CompletionToken, get_image_signature>(
        initiate_get_image{}, token, state_, std::move(ref), std::move(options));
  }
  template <asio::completion_token_for<get_image_signature> CompletionToken>
  auto async_get_image(image_ref ref, CompletionToken&& token) const {
    return async_get_image(std::move(ref), call_options(), std::forward<CompletionToken>(token));
  }
  auto async_get_image(image_ref ref, call_options options = call_options()) const {
    return async_get_image(std::move(ref), std::move(options), asio::deferred);
  }

  /// Looks up the checksums of one image, and of files in it, in its SBOM report:
  /// GET {base}/api/v4/products/{product}/images/{image}/sbomReport:…, in the query's format.
  ///
  /// The report is read as it comes and is not held, so that one of hundreds of megabytes takes no
  /// more memory than a small one. It is asked for in gzip's coding. All of it is read, and a
  /// report that is broken anywhere, or cut short, is `errc::bad_response` or the failure of its
  /// transport: never a part of the result. A body of more than `answer_limits::report` is
  /// `errc::too_large`, as it was sent or once its coding is undone. A file that is asked for and
  /// that the report does not hold is no failure, nor is a checksum that cannot be used, nor that
  /// the report does not say which thing is the image; see `image_hashes`. A report in SPDX that
  /// names its subject only after more packages and files than can be held is asked for once more,
  /// within the same call; the call fails with `errc::bad_response` if it changed in between.
  ///
  /// With `hash_query::scan_id`, files are looked up in the component tree of that scan instead:
  /// GET {base}/api/v4/products/{product}/images/{image}/scans/{scan}/components.
  ///
  /// What holds for `async_get_image` holds here: the token, lifetimes, retries, limits, hedging,
  /// cancellation, and where the handler runs. Otherwise:
  /// - `timeouts.attempt` does not count, since how long an attempt takes is a matter of the
  ///   report's size: an attempt may last until the call's deadline, which should be set with that
  ///   in mind. A service that stalls goes over `timeouts.first_byte` or `timeouts.between_bytes`.
  /// - `call_options::join` and `call_options::with_counts` are not looked at.
  ///
  /// A query that cannot be used fails with `errc::invalid_argument` before anything is sent.
  template <asio::completion_token_for<find_hashes_signature> CompletionToken>
  auto async_find_hashes(image_ref ref, hash_query query, call_options options,
                         CompletionToken&& token) const {
    return asio::async_initiate<CompletionToken, find_hashes_signature>(
        initiate_find_hashes{}, token, state_, std::move(ref), std::move(query),
        std::move(options));
  }
  template <asio::completion_token_for<find_hashes_signature> CompletionToken>
  auto async_find_hashes(image_ref ref, hash_query query, CompletionToken&& token) const {
    return async_find_hashes(std::move(ref), std::move(query), call_options(),
                             std::forward<CompletionToken>(token));
  }
  template <asio::completion_token_for<find_hashes_signature> CompletionToken>
  auto async_find_hashes(image_ref ref, CompletionToken&& token) const {
    return async_find_hashes(std::move(ref), hash_query(), call_options(),
                             std::forward<CompletionToken>(token));
  }
  auto async_find_hashes(image_ref ref, hash_query query = hash_query(),
                         call_options options = call_options()) const {
    return async_find_hashes(std::move(ref), std::move(query), std::move(options), asio::deferred);
  }

  /// Lists the scans of one image, in the service's order: GET {base}/api/v4/products/{product}
  /// /images/{image}/scans, with their states. An image that was never scanned has none.
  ///
  /// All is as for `async_get_image`, save that `call_options::join` and
  /// `call_options::with_counts` are not looked at, and that a scan says whose it is by its parent
  /// alone: one that names another image or product is `errc::bad_response`.
  template <asio::completion_token_for<list_scans_signature> CompletionToken>
  auto async_list_scans(image_ref ref, call_options options, CompletionToken&& token) const {
    return asio::async_initiate<CompletionToken, list_scans_signature>(
        initiate_list_scans{}, token, state_, std::move(ref), std::move(options));
  }
  template <asio::completion_token_for<list_scans_signature> CompletionToken>
  auto async_list_scans(image_ref ref, CompletionToken&& token) const {
    return async_list_scans(std::move(ref), call_options(), std::forward<CompletionToken>(token));
  }
  auto async_list_scans(image_ref ref, call_options options = call_options()) const {
    return async_list_scans(std::move(ref), std::move(options), asio::deferred);
  }

  /// Closes the client, for all its copies: new calls fail with `errc::client_closed`, those in
  /// flight may finish, and unused connections say goodbye. After `bound` (zero to 24 hours)
  /// whatever is left is ended. Completes when no call is in flight and no connection is left;
  /// called again, it waits for the same, under the first bound.
  ///
  /// Cancellation: ends what is left at once. The handler is invoked exactly once, on its
  /// associated executor (the client's by default), and never from within the initiating function.
  template <asio::completion_token_for<void()> CompletionToken = asio::deferred_t>
  auto async_close(std::chrono::milliseconds bound = std::chrono::seconds(5),
                   CompletionToken&& token = CompletionToken()) const {
    return asio::async_initiate<CompletionToken, void()>(initiate_close{}, token, state_, bound);
  }

  /// What the connections are doing and have been through. From any thread, and at any time.
  [[nodiscard]] pool_counters counters() const noexcept;

  /// The executor that the client's own work runs on; empty once its context has ended.
  [[nodiscard]] asio::any_io_executor get_executor() const noexcept;

 private:
  struct initiate_get_image {
    template <class Handler>
    void operator()(Handler&& handler, std::shared_ptr<detail::client_state> state, image_ref ref,
                    call_options options) const {
      detail::start_get_image(std::move(state), std::move(ref), std::move(options),
                              detail::get_image_handler(std::forward<Handler>(handler)));
    }
  };

  struct initiate_find_hashes {
    template <class Handler>
    void operator()(Handler&& handler, std::shared_ptr<detail::client_state> state, image_ref ref,
                    hash_query query, call_options options) const {
      detail::start_find_hashes(std::move(state), std::move(ref), std::move(query),
                                std::move(options),
                                detail::find_hashes_handler(std::forward<Handler>(handler)));
    }
  };

  struct initiate_list_scans {
    template <class Handler>
    void operator()(Handler&& handler, std::shared_ptr<detail::client_state> state, image_ref ref,
                    call_options options) const {
      detail::start_list_scans(std::move(state), std::move(ref), std::move(options),
                               detail::list_scans_handler(std::forward<Handler>(handler)));
    }
  };

  struct initiate_close {
    template <class Handler>
    void operator()(Handler&& handler, const std::shared_ptr<detail::client_state>& state,
                    std::chrono::milliseconds bound) const {
      detail::start_close(state, bound, detail::close_handler(std::forward<Handler>(handler)));
    }
  };

  std::shared_ptr<detail::client_state> state_;
};

}  // namespace binarly

#endif
