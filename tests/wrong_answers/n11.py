"""Wrong answers to the exercises of 11 attention, each with words that its refusal says."""

import numpy as np


def softmax(scores, axis=-1):
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


WRONG = {
    "shares": [
        (lambda scores, temperature: np.exp(scores / temperature), "divide them by their sum"),
        (lambda scores, temperature: softmax(scores), "no difference"),
        (lambda scores, temperature: softmax(scores * temperature), "not multiplied"),
        (lambda scores, temperature: softmax(scores) / temperature, "not the shares"),
        (lambda scores, temperature: np.exp(scores / temperature) / np.exp(scores / temperature).sum(), "NaN"),
    ],
    "count_pairs": [
        (lambda frames, patches, divided: frames * patches, "number of tokens"),
        (lambda frames, patches, divided: frames * patches**2, "inside each frame"),
        (lambda frames, patches, divided: (frames * patches) ** 2, "look at `divided`"),
        (lambda frames, patches, divided: (frames + patches) if divided else (frames * patches) ** 2, "for one token"),
    ],
    "attend": [
        (lambda Q, K, V: softmax(Q @ K.T) @ V, "root of d"),
        (lambda Q, K, V: softmax(Q @ K.T / np.sqrt(Q.shape[1]), axis=0) @ V, "for each key"),
        (lambda Q, K, V: np.exp(Q @ K.T / np.sqrt(Q.shape[1])) @ V, "add up to 1"),
        (lambda Q, K, V: Q @ K.T / np.sqrt(Q.shape[1]) @ V, "softmax is missing"),
        (lambda Q, K, V: softmax(Q @ K.T / np.sqrt(Q.shape[1])), "of shape"),
    ],
    "standardised": [
        (lambda x: (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 0.001), "over time"),
        (lambda x: (x - x.mean()) / np.sqrt(x.var() + 0.001), "one mean of everything"),
        (lambda x: (x - x.mean(1, keepdims=True)) / (x.var(1, keepdims=True) + 0.001), "root of the variance"),
        (lambda x: (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True), "under the root"),
        (lambda x: x - x.mean(1, keepdims=True), "deviation"),
    ],
    "causal": [
        (softmax, "later ones"),
        (lambda scores: np.tril(softmax(scores)), "before the softmax"),
        (lambda scores: softmax(np.tril(scores)), "e⁰ is 1"),
        (lambda scores: softmax(np.where(np.triu(np.ones(scores.shape, bool)), scores, -np.inf)), "ahead only"),
        (lambda scores: np.tril(np.exp(scores)) / np.tril(np.exp(scores)).sum(axis=0), "each row"),
    ],
}
