// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Checksums out of SBOM reports: of both formats, coded and not, small and made while they are
// sent.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/client_search.hpp"
#include "support/packed.hpp"
#include "support/run_task.hpp"

#include <binarly/client.hpp>
#include <binarly/image_hashes.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

// More than the service makes at once.
constexpr std::uint64_t many_components = 3000;

struct hashes_world : client_fixture {
  using client_fixture::client_fixture;

  result<image_hashes> find(const client& from, const image_ref& which,
                            const hash_query& query = hash_query(),
                            const call_options& call = call_options()) {
    const search one(from, which, query, call);
    run_until(context, [&one] { return one.done(); });
    CHECK(one.completions() == 1);
    return one.outcome();
  }
};

fake_service_options serving(std::uint64_t components, bool gzip) {
  fake_service_options served;
  served.report_components = components;
  served.gzip_reports = gzip;
  return served;
}

bool same(const std::vector<checksum>& left, const std::vector<checksum>& right) {
  return std::ranges::equal(left, right, [](const checksum& one, const checksum& other) {
    return one.algorithm == other.algorithm && one.value == other.value;
  });
}

void check_own(const image_hashes& found, const fake_image& image) {
  REQUIRE(found.own.size() == 3);
  for (const auto& [algorithm, value] :
       {std::pair("SHA-256", image.sha256), std::pair("sha1", image.sha1),
        std::pair("MD5", image.md5)}) {
    const auto* const stated = found.find(algorithm);
    REQUIRE(stated != nullptr);
    CHECK(*stated == value);
  }
}

/// A fault, and what a search that meets it comes to.
struct outcome {
  fault kind;
  errc code;
  phase step;
  unsigned status;
  bool retried;
  std::string words;  ///< somewhere in the message
};

const std::vector<outcome> outcomes{
    {fault::reset_before, errc::connection_lost, phase::head, 0, true, ""},
    {fault::reset_in_head, errc::truncated, phase::head, 0, true, ""},
    {fault::reset_in_body, errc::truncated, phase::body, 200, true, ""},
    {fault::close_before, errc::connection_lost, phase::head, 0, true, "closed the connection"},
    {fault::truncate_body, errc::truncated, phase::body, 200, true, "closed the connection"},
    {fault::unannounced_end, errc::truncated, phase::body, 200, true, "without TLS's goodbye"},
    {fault::status_408, errc::server_error, phase::decode, 408, true, "HTTP 408"},
    {fault::status_429, errc::throttled, phase::decode, 429, true, "HTTP 429"},
    {fault::status_500, errc::server_error, phase::decode, 500, true, "internal error"},
    {fault::status_503, errc::server_error, phase::decode, 503, true, "HTTP 503"},
    {fault::html_error, errc::server_error, phase::decode, 502, true, "HTTP 502"},
    {fault::html_success, errc::bad_response, phase::decode, 200, false, "HTML"},
    {fault::wrong_json, errc::bad_response, phase::decode, 200, false, "not a"},
    {fault::broken_json, errc::bad_response, phase::decode, 200, false, "ends in the middle"},
    {fault::deep_json, errc::bad_response, phase::decode, 200, false, "deep"},
    {fault::huge_body, errc::too_large, phase::body, 200, false, "33554432 bytes"},
    {fault::huge_head, errc::too_large, phase::head, 0, false, "16384 bytes"},
    {fault::garbage, errc::malformed_answer, phase::head, 0, false, "not proper HTTP"},
    {fault::redirect, errc::redirected, phase::decode, 302, false, "elsewhere.invalid"},
    {fault::forbidden, errc::forbidden, phase::decode, 403, false, "reports.view"},
};

/// What a server's bytes make of a search.
result<image_hashes> outcome_of(const std::string& bytes, std::size_t limit = 1024 * 1024) {
  asio::io_context context;
  const raw_server server(context.get_executor(), [bytes](const std::string&) { return bytes; });
  auto options = options_for(url_of_port(server.port()), server.ca_pem());
  options.limits.report = limit;
  const client service(context.get_executor(), options);
  const search one(service, image_ref("product", "image"));
  run_until(context, [&] { return one.done(); });
  return one.outcome();
}

failure failure_of(const std::string& bytes, std::size_t limit = 1024 * 1024) {
  const auto found = outcome_of(bytes, limit);
  REQUIRE_FALSE(found.has_value());
  return found.error();
}

}  // namespace

TEST_CASE("find hashes: in reports of both formats, coded and not, small and large") {
  for (const auto components : {std::uint64_t{0}, std::uint64_t{20}, many_components}) {
    for (const bool gzip : {false, true}) {
      hashes_world world(serving(components, gzip));
      const auto service = world.make_client();
      for (const auto format : {sbom_format::cyclonedx, sbom_format::spdx}) {
        // Every way in which an SPDX report tells its subject.
        for (std::uint64_t index = 0; index < 6; ++index) {
          CAPTURE(components);
          CAPTURE(gzip);
          CAPTURE(index);
          const auto image = world.service.image_at(index);
          const auto last = "component-" + std::to_string(components - 1);
          const auto found =
              world.find(service, image.ref,
                         query_for(format, {last, "firmware.bin", "absent", "component-9"}));
          REQUIRE(found.has_value());
          check_own(*found, image);
          CHECK(found->files.size() == (components == 0 ? 1 : 3));
          for (const auto& file : found->files) {
            CHECK(same(file.checksums, world.service.checksums_of(index, file.name)));
          }
        }
      }
    }
  }
}

TEST_CASE("find hashes: what is sent") {
  fake_service_options served;
  served.record_heads = true;
  served.path_prefix = "/binarly";
  hashes_world world(served);
  const auto service = world.make_client();
  const auto ref = world.ref(3);
  call_options options;
  options.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  options.with_counts = true;
  options.join = true;
  REQUIRE(world.find(service, ref, hash_query(), options).has_value());
  REQUIRE(world.find(service, ref, query_for(sbom_format::spdx)).has_value());
  REQUIRE(world.get(service, ref).has_value());
  const auto heads = world.service.recent_heads();
  REQUIRE(heads.size() == 3);
  const std::string path = "GET /binarly/api/v4/" + ref.path();
  CHECK(heads[0].starts_with(path + "/sbomReport:cycloneDX?contentType=json HTTP/1.1\r\n"));
  CHECK(heads[1].starts_with(path + "/sbomReport:SPDX?contentType=json HTTP/1.1\r\n"));
  CHECK(contains(heads[0], "\r\nAccept-Encoding: gzip\r\n"));
  CHECK(contains(heads[1], "\r\nAccept-Encoding: gzip\r\n"));
  CHECK(contains(heads[0], "\r\ntraceparent: " + options.traceparent + "\r\n"));
  CHECK(contains(heads[0], "\r\nAuthorization: Bearer "));
  // Nothing of it rubs off on others.
  CHECK(contains(heads[2], "\r\nAccept-Encoding: identity\r\n"));
  for (const auto& head : heads)
    CHECK(head.find("Accept-Encoding") == head.rfind("Accept-Encoding"));
}

TEST_CASE("find hashes: each fault has its own failure, and none a part of the result") {
  for (const auto components : {std::uint64_t{20}, many_components}) {
    for (const bool gzip : {false, true}) {
      hashes_world world(serving(components, gzip));
      world.options.limits.report = 32 * 1024 * 1024;
      std::uint64_t index = 0;
      for (const auto& [kind, code, step, status, retried, words] : outcomes) {
        CAPTURE(components);
        CAPTURE(gzip);
        CAPTURE(to_string(kind));
        const auto service = world.make_client();
        const auto image = world.service.image_at(++index);
        const auto format = index % 2 == 0 ? sbom_format::cyclonedx : sbom_format::spdx;
        world.service.script(image.ref, {misbehaviour(kind)});
        const auto found = world.find(service, image.ref, query_for(format));
        REQUIRE_FALSE(found.has_value());
        const failure why = found.error();
        CAPTURE(why.message());
        CHECK(why.code() == code);
        CHECK(why.detail().step == step);
        CHECK(why.detail().http_status == status);
        CHECK(why.detail().operation == "find hashes");
        CHECK(why.detail().resource == image.ref.path());
        CHECK(contains(why.message(), words));
        CHECK_FALSE(contains(why.message(), client_token));

        call_options options;
        options.retry = at_once(3);
        world.service.script(image.ref,
                             std::vector<misbehaviour>(retried ? 2 : 1, misbehaviour(kind)));
        const auto again = world.find(service, image.ref, query_for(format), options);
        CHECK(again.has_value() == retried);
        if (again) check_own(*again, image);
        const auto afterwards = world.find(service, image.ref, query_for(format), options);
        REQUIRE(afterwards.has_value());
        check_own(*afterwards, image);
      }
    }
  }
}

TEST_CASE("find hashes: what only looks odd is a report all the same") {
  for (const auto components : {std::uint64_t{20}, many_components}) {
    hashes_world world(serving(components, true));
    const auto service = world.make_client();
    misbehaviour slow(fault::slow_bytes);
    slow.duration = 20ms;
    misbehaviour late(fault::delay);
    late.duration = 1ms;
    std::uint64_t index = 0;
    for (const auto& odd :
         {misbehaviour(), misbehaviour(fault::continue_first), misbehaviour(fault::chunked),
          misbehaviour(fault::reset_after), misbehaviour(fault::close_after), slow, late}) {
      CAPTURE(components);
      CAPTURE(to_string(odd.kind));
      const auto image = world.service.image_at(++index);
      world.service.script(image.ref, {odd});
      const auto found = world.find(service, image.ref);
      REQUIRE(found.has_value());
      check_own(*found, image);
    }
  }
}

TEST_CASE("find hashes: an image that does not exist, a token that is not good") {
  fake_service_options served;
  served.token = client_token;
  hashes_world world(served);
  const auto service = world.make_client();
  CHECK(world.find(service, image_ref("p", "i")).error() == condition::not_found);
  CHECK(world.find(service, world.ref(0)).has_value());
  world.options.auth = credentials::bearer("another-token");
  const auto stranger = world.make_client();
  CHECK(world.find(stranger, world.ref(0)).error() == condition::unauthorized);
}

TEST_CASE("find hashes: what cannot be asked for is refused before anything is sent") {
  hashes_world world;
  const auto service = world.make_client();
  const auto refused = [&](const image_ref& ref, const hash_query& query,
                           const call_options& options = call_options()) {
    const auto found = world.find(service, ref, query, options);
    return !found && found.error().code() == errc::invalid_argument &&
           found.error().detail().operation == "find hashes";
  };
  const auto with = [](std::vector<std::string> files) {
    return query_for(sbom_format::cyclonedx, std::move(files));
  };
  CHECK(refused(image_ref(), hash_query()));
  CHECK(refused(world.ref(0), with({""})));
  CHECK(refused(world.ref(0), with({std::string(4097, 'a')})));
  CHECK(refused(world.ref(0), with(std::vector<std::string>(1001, "a"))));
  CHECK(refused(world.ref(0), query_for(static_cast<sbom_format>(7))));
  call_options options;
  options.deadline = 0ms;
  CHECK(refused(world.ref(0), hash_query(), options));
  options = call_options();
  options.headers = {{"Accept-Encoding", "br"}};
  CHECK(refused(world.ref(0), hash_query(), options));
  CHECK(world.service.counters().connections == 0);
  CHECK(world.find(service, world.ref(0), with(std::vector<std::string>(1000, "firmware.bin")))
            .value()
            .files.size() == 1);
  CHECK(world.find(service, world.ref(0), with({std::string(4096, 'a')})).has_value());
}

TEST_CASE("find hashes: codings") {
  const std::string gzip = "Content-Encoding: gzip\r\n";
  const auto good = [](const std::string& bytes) {
    const auto found = outcome_of(bytes);
    return found && found->own.size() == 1;
  };
  const auto broken = [](const std::string& bytes, const std::string& words) {
    const auto why = failure_of(bytes);
    CAPTURE(why.message());
    return why.code() == errc::bad_response && why.detail().step == phase::decode &&
           contains(why.message(), words);
  };
  const std::string coded = packed(report);
  CHECK(good(answer(report)));
  CHECK(good(answer(coded, gzip)));
  CHECK(good(answer(coded, "content-encoding: X-GZIP\r\n")));
  CHECK(good(answer(packed(report.substr(0, 50)) + packed(report.substr(50)), gzip)));
  CHECK(broken(answer(report, "Content-Encoding: br\r\n"), "\"br\""));
  // Which need not be said, but says nothing wrong.
  CHECK(good(answer(report, "Content-Encoding: identity\r\n")));
  CHECK(broken(answer(packed(coded), gzip + gzip), "\"gzip, gzip\""));
  CHECK(broken(answer(coded, "Content-Encoding: br\r\n" + gzip), "\"br, gzip\""));
  CHECK(broken(answer(report, gzip), "gzip coding is broken"));
  CHECK(broken(answer(coded), "not JSON"));
  CHECK(broken(answer(coded.substr(0, coded.size() - 1), gzip), "gzip coding ends in the middle"));
  CHECK(broken(answer(coded + "x", gzip), "gzip coding"));
  CHECK(broken(answer(packed(report + "x"), gzip), "something follows the JSON"));
  CHECK(broken(answer("", gzip), "gzip coding ends in the middle, at byte 0"));
  CHECK(broken(answer(""), "the answer is empty"));
}

TEST_CASE("find hashes: the error of a service that codes it is understood") {
  const std::string gzip = "Content-Encoding: gzip\r\n";
  const std::string envelope = R"({"message":"no such image"})";
  CHECK(failure_of(answer(packed(envelope), gzip, "404 Not Found")).detail().server_message ==
        "no such image");
  // What cannot be read is nobody's word about the image.
  CHECK(failure_of(answer(envelope, gzip, "404 Not Found")).code() == errc::bad_response);
  const std::string bomb = R"({"message":")" + std::string(20'000'000, 'x') + "\"}";
  CHECK(failure_of(answer(packed(bomb), gzip, "500 Oops")).code() == errc::server_error);
}

TEST_CASE("find hashes: limits hold for what is sent and for what becomes of it") {
  const std::string gzip = "Content-Encoding: gzip\r\n";
  const std::size_t limit = 64 * 1024;
  const auto padded = [](std::size_t size) {
    std::string text = report;
    text.append(size - text.size(), ' ');
    return text;
  };
  CHECK(outcome_of(answer(padded(limit)), limit).has_value());
  CHECK(outcome_of(answer(packed(padded(limit)), gzip), limit).has_value());
  const auto sent = failure_of(answer(padded(limit + 1)), limit);
  CHECK(sent.code() == errc::too_large);
  CHECK(sent.detail().step == phase::body);
  const auto bomb = packed(padded(100'000'000));
  REQUIRE(bomb.size() < 128 * 1024);
  const auto made = failure_of(answer(packed(padded(limit + 1)), gzip), limit);
  CHECK(made.code() == errc::too_large);
  CHECK(made.detail().step == phase::decode);
  CHECK(contains(made.message(), "larger than 65536 bytes once its coding is undone"));
  CHECK(failure_of(answer(bomb, gzip), 1024 * 1024).code() == errc::too_large);
}

TEST_CASE("find hashes: cancelled at each stage, it ends at once and the client serves on") {
  for (const auto components : {std::uint64_t{20}, many_components}) {
    hashes_world world(serving(components, false));
    const auto service = world.make_client();
    const auto expect_cancelled = [&](search& one) {
      one.cancel();
      run_until(world.context, [&one] { return one.done(); });
      world.settle();
      CHECK(one.completions() == 1);
      REQUIRE_FALSE(one.outcome().has_value());
      CHECK(one.outcome().error().code() == errc::cancelled);
    };
    search early(service, world.ref(1));
    expect_cancelled(early);
    misbehaviour slow(fault::slow_bytes);
    slow.duration = 1h;
    for (const auto& stalled : {misbehaviour(fault::hang), slow}) {
      world.service.script(world.ref(1), {stalled});
      const auto before = world.service.counters().requests;
      search one(service, world.ref(1));
      world.run_until_requested(before + 1);
      world.settle();
      expect_cancelled(one);
      const auto found = world.find(service, world.ref(1));
      REQUIRE(found.has_value());
      check_own(*found, world.service.image_at(1));
    }
  }
}

TEST_CASE("find hashes: the deadline is the attempt's bound, and stalls have their own") {
  hashes_world world(serving(many_components, false));
  misbehaviour slow(fault::slow_bytes);
  slow.duration = 400ms;
  world.service.script(world.ref(1), {slow});
  // A lookup would have gone over it.
  world.options.timeouts.attempt = 50ms;
  const auto patient = world.make_client();
  const auto found = world.find(patient, world.ref(1));
  CAPTURE((found ? "" : found.error().message()));
  CHECK(found.has_value());

  slow.duration = 1h;
  world.service.script(world.ref(1), {slow});
  call_options options;
  options.deadline = 100ms;
  const auto late = world.find(patient, world.ref(1), hash_query(), options).error();
  CHECK(late.code() == errc::timed_out);
  CHECK(contains(late.message(), "the call's deadline is"));

  world.service.script(world.ref(1), {slow});
  world.options.timeouts.between_bytes = 100ms;
  const auto watchful = world.make_client();
  const auto stalled = world.find(watchful, world.ref(1)).error();
  CHECK(stalled.code() == errc::timed_out);
  CHECK(stalled.detail().step == phase::body);
}

TEST_CASE("find hashes: the end of the client is the end of the search") {
  hashes_world world;
  std::optional<client> service(world.make_client());
  world.service.script(world.ref(1), {misbehaviour(fault::hang)});
  const search one(*service, world.ref(1));
  world.run_until_requested(1);
  service.reset();
  run_until(world.context, [&one] { return one.done(); });
  CHECK(one.outcome().error().code() == errc::client_closed);
}

namespace {

asio::awaitable<void> await_all_ways(const client& service, image_ref ref,
                                     std::vector<bool>& good) {
  const auto judge = [&good](const result<image_hashes>& found) {
    good.push_back(found.has_value() && found->own.size() == 3);
  };
  const std::vector<std::string> files{"firmware.bin"};
  // With what is defaulted, with temporaries, with what has a name, with empty braces.
  judge(co_await service.async_find_hashes(ref));
  auto found = co_await service.async_find_hashes(ref, hash_query());
  judge(found);
  found = co_await service.async_find_hashes(ref, {});
  judge(found);
  found = co_await service.async_find_hashes(ref, {}, {});
  judge(found);
  found = co_await service.async_find_hashes(image_ref(ref.product_id(), ref.image_id()),
                                             query_for(sbom_format::spdx, files), call_options());
  judge(found);
  found = co_await service.async_find_hashes(ref, asio::use_awaitable);
  judge(found);
  found = co_await service.async_find_hashes(ref, hash_query(), asio::use_awaitable);
  judge(found);
  found = co_await service.async_find_hashes(ref, {}, call_options(), asio::use_awaitable);
  judge(found);
  hash_query query;
  query.files = {"component-1", "component-2"};
  found = co_await service.async_find_hashes(ref, query);
  judge(found);
  good.push_back(found->files.size() == 2);
}

}  // namespace

TEST_CASE("find hashes: awaited with arguments of every kind, and with other tokens") {
  hashes_world world;
  const auto service = world.make_client();
  std::vector<bool> good;
  run_task(world.context, await_all_ways(service, world.ref(5), good));
  CHECK(good == std::vector<bool>(10, true));
  auto later = service.async_find_hashes(world.ref(5), asio::use_future);
  CHECK(await_future(world.context, std::move(later)).has_value());
}
