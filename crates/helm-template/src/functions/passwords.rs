//! Passwords and sealed text: `bcrypt`, `htpasswd`, `derivePassword`, `encryptAES`, `decryptAES`.

use aws_lc_rs::cipher::{
    AES_256, AES_CBC_IV_LEN, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Param::{Int, Text as T};
use super::crypto::{digest, drawn};
use super::encoding::base64_decode;
use super::{Args, Env, Function, FunctionError};
use crate::value::Value;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("bcrypt", &[T], |env, a| Ok(Value::text(bcrypt_hash(env, "bcrypt", &[], &a.text(0))?))),
    Function::new("htpasswd", &[T, T], |env, a| {
        let user = a.str(0);
        if user.contains(':') {
            return Ok(Value::text(format!("invalid username: {user}")));
        }
        let hash = bcrypt_hash(env, "htpasswd", &a[..1], &a.text(1))?;
        Ok(Value::text(format!("{user}:{hash}")))
    }),
    Function::new("derivePassword", &[Int, T, T, T, T], |_, a| {
        Ok(Value::text(derive_password(a.int(0), &a.str(1), &a.text(2), &a.text(3), &a.text(4))?))
    }),
    Function::new("encryptAES", &[T, T], encrypt),
    Function::new("decryptAES", &[T, T], |_, a| decrypt(&a.text(0), &a.text(1))),
];

/// Go writes version `2a`; the digits are the same.
fn bcrypt_hash(
    env: &mut Env<'_>,
    function: &'static str,
    named: &[Value],
    password: &[u8],
) -> Result<String, FunctionError> {
    const COST: u32 = 10;
    if password.len() > 72 {
        return Ok("failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes".to_owned());
    }
    let mut key = named.to_vec();
    key.push(digest(password));
    drawn(env, function, &key, &|| {
        let hash = bcrypt::hash_with_result(password, COST)
            .map_err(|error| FunctionError(format!("failed to encrypt string with bcrypt: {error}")))?;
        Ok(hash.format_for_version(bcrypt::Version::TwoA))
    })
}

/// The Master Password algorithm, as sprig has it.
fn derive_password(
    counter: i64,
    kind: &str,
    password: &[u8],
    user: &[u8],
    site: &[u8],
) -> Result<String, FunctionError> {
    const SEED: &[u8] = b"com.lyndir.masterpassword";
    let templates: &[&str] = match kind {
        "maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        "long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        "medium" => &["CvcnoCvc", "CvcCvcno"],
        "short" => &["Cvcn"],
        "basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        "pin" => &["nnnn"],
        _ => return Ok(format!("cannot find password template {kind}")),
    };
    let failed = || FunctionError::new("failed to derive password");
    let counter = u32::try_from(counter).map_err(|_| FunctionError::new("the counter is not a uint32"))?;
    let len = |text: &[u8]| u32::try_from(text.len()).map(u32::to_be_bytes).map_err(|_| failed());
    let salt = [SEED, &len(user)?, user].concat();
    let params = scrypt::Params::new(15, 8, 2, 64).map_err(|_| failed())?;
    let mut key = [0; 64];
    scrypt::scrypt(password, &salt, &params, &mut key).map_err(|_| failed())?;
    let message = [SEED, &len(site)?, site, &counter.to_be_bytes()].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &message);
    let (first, rest) = tag.as_ref().split_first().ok_or_else(failed)?;
    let template = templates[usize::from(*first) % templates.len()];
    let pick = |(class, byte): (char, &u8)| {
        let chars = characters(class);
        char::from(chars[usize::from(*byte) % chars.len()])
    };
    Ok(template.chars().zip(rest).map(pick).collect())
}

fn characters(class: char) -> &'static [u8] {
    match class {
        'V' => b"AEIOU",
        'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        'v' => b"aeiou",
        'c' => b"bcdfghjklmnpqrstvwxyz",
        'A' => b"AEIOUBCDFGHJKLMNPQRSTVWXYZ",
        'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        'n' => b"0123456789",
        'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The key is the password cut or filled with zeros to 32 bytes.
fn aes_key(password: &[u8]) -> Result<UnboundCipherKey, FunctionError> {
    let mut key = [0; 32];
    let len = password.len().min(32);
    key[..len].copy_from_slice(&password[..len]);
    UnboundCipherKey::new(&AES_256, &key).map_err(|_| FunctionError::new("crypto/aes: invalid key"))
}

fn encrypt(env: &mut Env<'_>, a: &[Value]) -> Result<Value, FunctionError> {
    let (password, plain) = (a.text(0), a.text(1));
    if plain.is_empty() {
        return Ok(Value::text(""));
    }
    let text = drawn(env, "encryptAES", &[digest(&password), digest(&plain)], &|| {
        let failed = |_| FunctionError::new("crypto/aes: cannot encrypt");
        let mut iv = [0; AES_CBC_IV_LEN];
        rand::fill(&mut iv).map_err(failed)?;
        let mut body = plain.to_vec();
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(aes_key(&password)?).map_err(failed)?;
        key.less_safe_encrypt(&mut body, EncryptionContext::Iv128(FixedLength::from(&iv))).map_err(failed)?;
        Ok(STANDARD.encode([iv.as_slice(), &body].concat()))
    })?;
    Ok(Value::text(text))
}

fn decrypt(password: &[u8], sealed: &[u8]) -> Result<Value, FunctionError> {
    if sealed.is_empty() {
        return Ok(Value::text(""));
    }
    let sealed =
        base64_decode(sealed).map_err(|at| FunctionError(format!("illegal base64 data at input byte {at}")))?;
    let failed = || FunctionError::new("crypto/cipher: cannot decrypt: wrong password or damaged text");
    let (iv, body) = sealed.split_at_checked(AES_CBC_IV_LEN).ok_or_else(failed)?;
    let iv: [u8; AES_CBC_IV_LEN] = iv.try_into().map_err(|_| failed())?;
    let mut body = body.to_vec();
    // Only the last byte says how much to cut, as in sprig.
    let key = PaddedBlockDecryptingKey::cbc_iso10126(aes_key(password)?).map_err(|_| failed())?;
    let plain = key.decrypt(&mut body, DecryptionContext::Iv128(FixedLength::from(&iv))).map_err(|_| failed())?;
    Ok(Value::text(&*plain))
}
