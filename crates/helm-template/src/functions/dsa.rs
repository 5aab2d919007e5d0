//! DSA keys, which Go still makes for `genPrivateKey "dsa"`.

use std::sync::LazyLock;

use num_bigint::BigUint;

use super::FunctionError;

/// Parameters that may be shared by any number of keys (FIPS 186-4, 4.3): 2048 bits over 256, made once with
/// `crypto/dsa` of Go 1.26. To make them takes a minute, a key with them a moment.
const P: &str = "adf5c4ac6f1ffcec8f79313966051a6c312ae126f7dbbb46cfef03aeb8452f76c221504a61bfbd36cec488ed024573d17791\
    1b72ce599f248de9844703b55926e460718633a719d2c59001dd37f6b0d42ff6087336a1404e0bf9805d74d9f61c990c8c54\
    1c3f9a237f6a2496f3c9e27d2d2744e8f701ba0afb7f1c1210a16cbdc72b2ac2e1c850fbef10a726e5669dce6bf52a6b1f94\
    3dc377e4d8a6dc0f0239549f9de3d40acca44111b52691e2773fe14ed41923a549419b53c40ad024c2b5be8b0d76fefbed6a\
    2d3b748e5d6efb138f4d874bd7cc85d0e47ec037afe7e64a05ba2ac78ba0814ec6822f8458c9d528f9b534a900131039d32d\
    c35376888c27";
const Q: &str = "ec7e89d6be408fb3f7291d596e93f1cf815dccd4843b1bc739d208fd42af14d1";
const G: &str = "5b29b86cb81936b967bf0557fe397d2c2032281b66344f5df5d506e5077c76afdc849b7b79cc0862898cbbc7327ed2a485d3\
    9ce5c8864fe73cc189cbdf10d0a1ae26b759c3567c420c11d048b33c144e5b9654808cbb56e95679ae6a55502b749af28c78\
    099ce1b6f1eb6f75efc764ee49f2a8e36010d96fcc32876700045da14e8df2aaa6219c7107c138cc97bdf1b0730707bba514\
    51ce67f0c23aee92d8c5ad15e30cf74ef0985e65c4a5eb6c762baaaacdefb8df155268cb3b4985606f0a360fb65e18eac3af\
    b80a78019e554910fb8faa1eced0e6b6dd32296a59cae53b9e23d81f9c2de094b15b8531bde1f3208270d2f015e7d58c2416\
    8b37e18359d9";

struct Parameters {
    p: BigUint,
    q: BigUint,
    g: BigUint,
}

static PARAMETERS: LazyLock<Parameters> = LazyLock::new(|| {
    let number = |digits: &str| BigUint::parse_bytes(digits.as_bytes(), 16).unwrap_or_default();
    Parameters { p: number(P), q: number(Q), g: number(G) }
});

/// A key as OpenSSL writes it: version, P, Q, G, the public and the private number.
pub(super) fn private_key_der() -> Result<Vec<u8>, FunctionError> {
    let Parameters { p, q, g } = &*PARAMETERS;
    // Eight bytes more than it has, so that no remainder is likelier than another.
    let mut bytes = [0; 40];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| FunctionError::new("failed to generate private key: no randomness"))?;
    let private = BigUint::from_bytes_be(&bytes) % (q - 1_u8) + 1_u8;
    let public = g.modpow(&private, p);
    let mut body = Vec::new();
    for part in [&BigUint::from(0_u8), p, q, g, &public, &private] {
        let mut bytes = part.to_bytes_be();
        if bytes.first().is_some_and(|first| *first >= 0x80) {
            bytes.insert(0, 0);
        }
        element(0x02, &bytes, &mut body);
    }
    let mut der = Vec::new();
    element(0x30, &body, &mut der);
    Ok(der)
}

/// An element of DER.
fn element(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    let length = content.len().to_be_bytes();
    let digits = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    match digits {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        digits => {
            out.push(0x80 | digits.len() as u8);
            out.extend_from_slice(digits);
        }
    }
    out.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_make_a_group() {
        let Parameters { p, q, g } = &*PARAMETERS;
        assert_eq!((p.bits(), q.bits()), (2_048, 256));
        assert_eq!((p - 1_u8) % q, BigUint::from(0_u8));
        assert_eq!(g.modpow(q, p), BigUint::from(1_u8));
        assert!(*g > BigUint::from(1_u8));
        // Fermat: what is no prime fails with some base.
        for base in [2_u8, 3, 5, 7, 11] {
            let base = BigUint::from(base);
            assert_eq!(base.modpow(&(p - 1_u8), p), BigUint::from(1_u8));
            assert_eq!(base.modpow(&(q - 1_u8), q), BigUint::from(1_u8));
        }
    }

    #[test]
    fn keys_differ_and_belong_to_their_public_number() {
        let (one, two) = (private_key_der().unwrap(), private_key_der().unwrap());
        assert_ne!(one, two);
        // A sequence of six whole numbers.
        let mut parts = Vec::new();
        let mut rest = &one[4..];
        while let [0x02, length, tail @ ..] = rest {
            let (length, tail) = match length {
                0x82 => (usize::from(tail[0]) * 256 + usize::from(tail[1]), &tail[2..]),
                0x81 => (usize::from(tail[0]), &tail[1..]),
                short => (usize::from(*short), tail),
            };
            parts.push(BigUint::from_bytes_be(&tail[..length]));
            rest = &tail[length..];
        }
        assert_eq!(parts.len(), 6);
        assert_eq!(PARAMETERS.g.modpow(&parts[5], &PARAMETERS.p), parts[4]);
    }
}
