"""Names of TeX that are drawn: symbols, functions, fonts, accents."""

from __future__ import annotations


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


SYMBOLS = _pairs(
    """alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ
    nu ν xi ξ pi π rho ρ varrho ϱ sigma σ tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ
    Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω ell ℓ hbar ℏ nabla ∇ partial ∂ infty ∞ times × cdot · div ÷ pm ± mp ∓
    ast ∗ star ⋆ circ ∘ bullet • le ≤ leq ≤ ge ≥ geq ≥ ll ≪ gg ≫ ne ≠ neq ≠ approx ≈ sim ∼ simeq ≃ equiv ≡ propto ∝ in ∈
    notin ∉ subset ⊂ subseteq ⊆ supset ⊃ cup ∪ cap ∩ emptyset ∅ forall ∀ exists ∃ to → rightarrow → leftarrow ← Rightarrow ⇒
    leftrightarrow ↔ mapsto ↦ uparrow ↑ downarrow ↓ sum ∑ prod ∏ int ∫ oplus ⊕ otimes ⊗ odot ⊙ ldots … dots … cdots ⋯ mid ∣
    vert | Vert ‖ lVert ‖ rVert ‖ langle ⟨ rangle ⟩ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lesssim ≲ gtrsim ≳ top ⊤ perp ⊥
    dagger † prime ′ wedge ∧ vee ∨ neg ¬ setminus ∖ backslash \\ checkmark ✓"""
)
UPRIGHT = frozenset(
    "log ln exp min max sup inf lim sin cos tan tanh arg det dim ker Pr argmax argmin deg gcd mod".split()
)
FONTS = _pairs(
    "mathbf bold boldsymbol bold bm bold mathcal script mathscr script mathbb double mathfrak script mathit plain"
)
ACCENTS = _pairs("hat ^ widehat ^ bar ¯ overline ¯ tilde ~ widetilde ~ vec → dot ˙ ddot ¨")
