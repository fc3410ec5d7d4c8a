// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Signatures of keys (ECDSA) and of contracts (ERC-1271).
library Signatures {
    /// @notice Whether an account signed a digest.
    /// @dev The key is asked before the code: an account of a key costs no look at its code, which
    /// is cold, and one that also has code (EIP-7702) can be signed for by either.
    /// @param signer who should have signed
    /// @param digest what was signed
    /// @param signature 65 bytes of a key, or what the contract takes
    /// @return whether `signer` signed `digest`
    function signed(address signer, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        (address recovered, ECDSA.RecoverError failure,) =
            ECDSA.tryRecoverCalldata(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && recovered == signer) return true;
        return SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
    }
}
