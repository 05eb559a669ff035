#!/usr/bin/env bash
# Makes the signatures of this folder again by OpenSSL: what another implementation writes.
# The keys are thrown away. `signatures.rs` holds the moment at which they are verified.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir new
touch index.txt
echo 1000 > serial
echo 01 > crlnumber
cat > ca.cnf <<'CNF'
[ca]
default_ca = own
[own]
dir = .
database = index.txt
new_certs_dir = new
serial = serial
crlnumber = crlnumber
default_md = sha256
default_days = 3650
default_crl_days = 3650
policy = any
unique_subject = no
string_mask = utf8only
email_in_dn = no
[any]
commonName = supplied
serialNumber = optional
organizationName = optional
organizationIdentifier = optional
surname = optional
givenName = optional
[req]
distinguished_name = empty
prompt = no
string_mask = utf8only
utf8 = yes
[empty]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[middle]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[person]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature,nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CNF
quiet() { "$@" 2> log || { cat log >&2; exit 1; }; }
quiet openssl req -x509 -newkey rsa:3072 -nodes -keyout root.key -out root.pem -days 3650 \
    -config ca.cnf -extensions root -subj "/CN=Root of the tests"
# A certificate of NAME.key by ISSUER.
certify() { # NAME SUBJECT EXTENSIONS ISSUER
    quiet openssl req -new -key "$1.key" -out "$1.csr" -config ca.cnf -utf8 -subj "$2"
    quiet openssl ca -batch -notext -config ca.cnf -keyfile "$4.key" -cert "$4.pem" \
        -extensions "$3" -in "$1.csr" -out "$1.pem" -utf8
}
aida="/CN=Асанова Айгүл/serialNumber=PNOKG-21503199077777"
firm="/CN=Асанова Айгүл/serialNumber=21503199077777/O=ОсОО Ак-Суу/organizationIdentifier=NTRKG-01234567890123"
key() { quiet openssl genpkey -out "$1.key" "${@:2}"; }
key rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key short -algorithm RSA -pkeyopt rsa_keygen_bits:1024
key p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
key p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
key p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
key revoked -algorithm EC -pkeyopt ec_paramgen_curve:P-256
key middle -algorithm EC -pkeyopt ec_paramgen_curve:P-384
key below -algorithm EC -pkeyopt ec_paramgen_curve:P-256
for name in rsa short p384 p521 revoked; do certify "$name" "$aida" person root; done
certify p256 "$firm" person root
certify middle "/CN=Middle of the tests" middle root
certify below "$aida" person middle
quiet openssl ca -config ca.cnf -keyfile root.key -cert root.pem -revoke revoked.pem
quiet openssl ca -config ca.cnf -keyfile root.key -cert root.pem -gencrl -out crl.pem
quiet openssl crl -in crl.pem -outform DER -out root.crl
quiet openssl ca -config ca.cnf -keyfile middle.key -cert middle.pem -gencrl -out crl.pem
quiet openssl crl -in crl.pem -outform DER -out middle.crl
printf 'toruk/application/v1\n{"auction":"2026-000001"}' > document
sign() { # NAME SIGNER OPTIONS...
    quiet openssl cms -sign -binary -nosmimecap -in document -signer "$2.pem" -inkey "$2.key" \
        -outform DER -out "$1.p7s" "${@:3}"
}
sign rsa-sha256 rsa -md sha256 -cades
sign rsa-sha512 rsa -md sha512
sign rsa-keyid rsa -md sha384 -keyid
sign p256-cades p256 -md sha256 -cades
sign p256-sha512 p256 -md sha512 -cades
sign p384-cades p384 -md sha384 -cades
sign p384-sha256 p384 -md sha256
sign below-cades below -md sha256 -cades -certfile middle.pem
sign below-alone below -md sha256 -cades
sign revoked revoked -md sha256 -cades
sign short short -md sha256
sign sha1 rsa -md sha1
sign pss rsa -md sha256 -keyopt rsa_padding_mode:pss
sign p521 p521 -md sha512
sign attached p256 -md sha256 -nodetach
sign bare p256 -md sha256 -noattr
sign uncertified p256 -md sha256 -nocerts
quiet openssl cms -sign -binary -nosmimecap -in document -signer p256.pem -inkey p256.key \
    -signer rsa.pem -inkey rsa.key -md sha256 -outform DER -out two.p7s
# What OpenSSL verifies itself, so that a refusal of ours is not for a broken signature.
cat root.pem middle.pem > all.pem
for name in rsa-sha256 rsa-sha512 rsa-keyid p256-cades p256-sha512 p384-cades p384-sha256 \
    below-cades pss p521 two; do
    quiet openssl cms -verify -binary -inform DER -in "$name.p7s" -content document \
        -CAfile all.pem -purpose any -out /dev/null
done
rm -f "$here"/*.b64
for file in *.p7s root.crl middle.crl; do base64 -w 76 "$file" > "$here/$file.b64"; done
cp root.pem middle.pem document "$here"
openssl cms -in p256-cades.p7s -inform DER -cmsout -print | grep -A3 signingTime | tail -1
