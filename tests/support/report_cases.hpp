// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_REPORT_CASES_HPP
#define BINARLY_TESTS_SUPPORT_REPORT_CASES_HPP

#include <string>

/// Small reports of kinds that are met in the world, with invented values.
namespace binarly::test::report_cases {

/// A component that nobody asked for has a SHA-1 under "SHA-256".
// clang-format off
inline const std::string odd_hash_elsewhere =
    R"json({"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{"type":"fi)json"
    R"json(rmware","name":"fw","hashes":[{"alg":"SHA-256","content":"1111111111111111111111)json"
    R"json(111111111111111111111111111111111111111111"}]}},"components":[{"type":"library",)json"
    R"json("name":"other","hashes":[{"alg":"SHA-256","content":"333333333333333333333333333)json"
    R"json(3333333333333"}]},{"type":"file","name":"a.bin","hashes":[{"alg":"SHA-256","cont)json"
    R"json(ent":"2222222222222222222222222222222222222222222222222222222222222222"}]}]})json";
// clang-format on
/// One component has two values of SHA-256.
// clang-format off
inline const std::string two_values =
    R"json({"bomFormat":"CycloneDX","specVersion":"1.7","metadata":{"component":{"type":"fi)json"
    R"json(rmware","name":"fw","hashes":[{"alg":"SHA-256","content":"1111111111111111111111)json"
    R"json(111111111111111111111111111111111111111111"}]}},"components":[{"type":"library",)json"
    R"json("name":"six","hashes":[{"alg":"SHA-256","content":"11111111111111111111111111111)json"
    R"json(11111111111111111111111111111111111"},{"alg":"SHA-256","content":"22222222222222)json"
    R"json(22222222222222222222222222222222222222222222222222"}]},{"type":"file","name":"a.)json"
    R"json(bin","hashes":[{"alg":"SHA-256","content":"2222222222222222222222222222222222222)json"
    R"json(222222222222222222222222222"}]}]})json";
// clang-format on
/// The document describes two packages.
// clang-format off
inline const std::string describes_two =
    R"json({"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"n","dataLicense":")json"
    R"json(CC0-1.0","documentNamespace":"https://x.example/1","creationInfo":{"created":"20)json"
    R"json(26-01-01T00:00:00Z","creators":["Tool: t"]},"documentDescribes":["SPDXRef-fw","S)json"
    R"json(PDXRef-p"],"packages":[{"SPDXID":"SPDXRef-fw","name":"fw","downloadLocation":"NO)json"
    R"json(NE","checksums":[{"algorithm":"SHA256","checksumValue":"111111111111111111111111)json"
    R"json(1111111111111111111111111111111111111111"}]},{"SPDXID":"SPDXRef-p","name":"p","d)json"
    R"json(ownloadLocation":"NONE"}],"files":[{"SPDXID":"SPDXRef-f","fileName":"./a.bin","c)json"
    R"json(hecksums":[{"algorithm":"SHA256","checksumValue":"222222222222222222222222222222)json"
    R"json(2222222222222222222222222222222222"}]}]})json";
// clang-format on
/// Several packages, none of which is described.
// clang-format off
inline const std::string no_describes =
    R"json({"spdxVersion":"SPDX-2.2","SPDXID":"SPDXRef-DOCUMENT","name":"n","dataLicense":")json"
    R"json(CC0-1.0","documentNamespace":"https://x.example/2","creationInfo":{"created":"20)json"
    R"json(26-01-01T00:00:00Z","creators":["Tool: t"]},"packages":[{"SPDXID":"SPDXRef-a","n)json"
    R"json(ame":"adduser","downloadLocation":"NONE","checksums":[{"algorithm":"SHA256","che)json"
    R"json(cksumValue":"2222222222222222222222222222222222222222222222222222222222222222"}])json"
    R"json(},{"SPDXID":"SPDXRef-fw","name":"fw","downloadLocation":"NONE","checksums":[{"al)json"
    R"json(gorithm":"SHA256","checksumValue":"111111111111111111111111111111111111111111111)json"
    R"json(1111111111111111111"}]}],"relationships":[{"spdxElementId":"SPDXRef-fw","relatio)json"
    R"json(nshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-a"}]})json";
// clang-format on
/// SPDX 3.0.1 as JSON-LD.
// clang-format off
inline const std::string spdx3 =
    R"json({"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":")json"
    R"json(CreationInfo","@id":"_:c","specVersion":"3.0.1","created":"2026-01-01T00:00:00Z")json"
    R"json(,"createdBy":["https://x.example/me"]},{"type":"SpdxDocument","spdxId":"https://)json"
    R"json(x.example/d","creationInfo":"_:c","rootElement":["https://x.example/fw"]},{"type)json"
    R"json(":"software_Package","spdxId":"https://x.example/fw","creationInfo":"_:c","name")json"
    R"json(:"fw","verifiedUsing":[{"type":"Hash","algorithm":"sha256","hashValue":"11111111)json"
    R"json(11111111111111111111111111111111111111111111111111111111"}]},{"type":"software_F)json"
    R"json(ile","spdxId":"https://x.example/f","creationInfo":"_:c","name":"a.bin","verifie)json"
    R"json(dUsing":[{"type":"Hash","algorithm":"sha256","hashValue":"2222222222222222222222)json"
    R"json(222222222222222222222222222222222222222222"}]}]})json";
// clang-format on

}  // namespace binarly::test::report_cases

#endif
