"""Exercises and predictions of lesson 03: how does a network remember?"""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_03 import backward, chunks, losses, steps

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="03.1",
        title="One step of the recurrence",
        check=steps.check_step,
        reference=steps.step,
        hints=(
            "Three things are added before the tanh: what the input says, what the "
            "old state says, and the bias.",
            "x is (B, D) and W_xh is (D, H): which product of them has shape (B, H)?",
            "NumPy adds a (H,) bias to every row of a (B, H) sum by itself.",
        ),
    ),
    Exercise(
        id="03.2",
        title="The last states of padded sequences",
        check=steps.check_last_states,
        reference=steps.last_states,
        hints=(
            "Run the recurrence over all T steps for the whole batch; only what each "
            "row keeps at each step has to change.",
            "At step t (from 0) a row is still alive if t < its length; a row that is "
            "not keeps the state it had.",
            "np.where(condition, a, b) picks row by row if condition has shape (B, 1).",
        ),
    ),
    Exercise(
        id="03.3",
        title="How many parameters?",
        check=steps.check_count,
        reference=steps.count_parameters,
        hints=(
            "Go through the five arrays in `params`, one by one.",
            "A matrix from D numbers to H numbers has D * H entries, and each new "
            "vector has a bias of its own length.",
            "Which of the five shapes has T in it?",
        ),
    ),
    Exercise(
        id="03.4",
        title="The loss of padded sequences",
        check=losses.check_masked_loss,
        reference=losses.masked_loss,
        hints=(
            "softmax_cross_entropy gives you every step's loss, those of the padding "
            "too.",
            "A mask of True and False multiplies like 1 and 0.",
            "How many terms are left in the sum? That is what a mean divides by.",
        ),
    ),
    Exercise(
        id="03.5",
        title="Back through one step",
        check=backward.check_step_backward,
        reference=backward.step_backward,
        hints=(
            "First take dh back to da, the gradient before the tanh. All five answers "
            "follow from da.",
            "If a = x @ W then dx = da @ W.T and dW = x.T @ da: look at the shapes, "
            "there is only one way to fit them.",
            "The bias was added to every row of the batch, so it collects from every "
            "row.",
        ),
    ),
    Exercise(
        id="03.6",
        title="Backpropagation through time",
        check=backward.check_bptt,
        reference=backward.bptt,
        hints=(
            "Go from the last step to the first, and keep one vector: what the later "
            "steps say about the present state.",
            "dhs[t] is about hs[t + 1], since hs[0] is the state before any input.",
            "In each step: add the two sources, go back through the tanh, add an outer "
            "product to dW_hh, and go back through W_hh.",
        ),
    ),
    Exercise(
        id="03.7",
        title="From our weights to nn.RNN",
        check=losses.check_to_torch,
        reference=losses.to_torch,
        hints=(
            "torch's weight_ih_l0 is (H, D): compare with W_xh.",
            "torch adds two biases, bias_ih_l0 and bias_hh_l0; their sum must be b_h.",
            "Under torch.no_grad(), `tensor.copy_(...)` and `tensor.zero_()` "
            "fill a parameter.",
        ),
    ),
    Exercise(
        id="03.8",
        title="Chunk by chunk",
        check=chunks.check_truncated,
        reference=chunks.truncated,
        hints=(
            "Each chunk is forward, softmax_cross_entropy, backward, as for a whole "
            "sequence; X[:, t : t + k] may be shorter at the end.",
            "forward takes the state to start from, and gives you all the states it "
            "went through.",
            "The state goes on to the next chunk; dh0 goes nowhere.",
        ),
    ),
    Exercise(
        id="03.9",
        title="Three bugs in one loop",
        check=chunks.check_read,
        reference=chunks.read,
        hints=(
            "There are three decisions about h: where a document begins, from chunk to "
            "chunk, and what the graph behind it may do.",
            "range(0, len(ids) - 1, T) gives the starts in reading order.",
            "h.detach() is the same numbers without their history.",
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        id="03.p1",
        question="`the dog chased` and `the cat chased` differ in the word before the "
        "last one. In how many of the four units do the states after `chased` differ?",
        options=(
            "In none: the last word is the same.",
            "In all of them.",
            "In one: there was one other word to remember.",
        ),
        answer=1,
        feedback=(
            "That would be a network without memory. The step also takes h_prev.",
            "The last step adds x @ W_xh, which is equal, and h_prev @ W_hh, which is "
            "not: through W_hh each unit hears from all the units before.",
            "No unit is kept for a word. W_hh leads from each unit to all of them, so "
            "what differs in one differs in every unit a step later.",
        ),
    ),
    Prediction(
        id="03.p2",
        question="Take only the path that goes all the way back to the first use of "
        "W_hh, with h_0 = 0. How large is this part of the gradient?",
        options=(
            "Small, since it passes through the most factors.",
            "About 1/T of the whole.",
            "Exactly 0.",
        ),
        answer=2,
        feedback=(
            "Look at its last factor: the first use of W_hh multiplied h_0.",
            "The paths differ in size; this one ends at h_0, which is 0.",
            "The first use of W_hh multiplied h_0 = 0, so nudging W_hh there changes "
            "nothing.",
        ),
    ),
    Prediction(
        id="03.p3",
        question="A: the sequence is cut into chunks of 8 steps. B: every loss looks "
        "back exactly 8 steps. Which gradient is nearer to the whole one?",
        options=("A", "B", "They are the same thing."),
        answer=1,
        feedback=(
            "In A the first loss of a chunk looks back 1 step only, the last one 8.",
            "In B every loss gets its 8 steps; in A it gets 1 to 8, on average 4.5.",
            "They are often described as one. In A the cut stands still, in B it moves "
            "with the loss.",
        ),
    ),
    Prediction(
        id="03.p4",
        question="Each training sequence starts with the state that the sequence "
        "before it left behind. Guessing costs ln 8 = 2.08. Where will the training "
        "loss be after 300 updates?",
        options=(
            "Near 0, as without the bug: the network learns to ignore the old state.",
            "Half-way, near 1: every other symbol is recalled.",
            "Near 2, hardly better than guessing.",
        ),
        answer=2,
        feedback=(
            "It would have to know where a sequence begins, and nothing tells it.",
            "It cannot tell which symbol came first, at any step, for any sequence.",
            "No error is raised, and the little that it falls looks like a hard task: "
            "only a comparison shows what is lost.",
        ),
    ),
]
